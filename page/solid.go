package page

import (
	"net/http"
	"strings"

	"atelier/internal/viewer"
	"atelier/server"
)

// mostSolid is the size limit of a solid that is shown, in bytes: the page that shows it holds it.
const mostSolid = 32 << 20

// Turns reports whether the result is a solid that a page shows.
func (r result) Turns() bool { return r.Look == "solid" && r.Bytes <= mostSolid }

// Viewed is where the result shows itself as a page: a solid by the viewer, others on their own.
func (r result) Viewed() string {
	if !r.Turns() {
		return r.Address
	}
	return "/solids/" + strings.TrimPrefix(r.Address, "/api/v1/results/")
}

// solid answers with a page that shows a solid, which can do no more than one that an app made.
func (p *pages) solid(w http.ResponseWriter, r *http.Request) {
	if server.CallerOf(r.Context()).Scope < server.Read {
		p.show(w, r, http.StatusUnauthorized, content{template: "signin", title: "Sign in"})
		return
	}
	page, err := p.solidOf(r)
	if err != nil {
		problem := problemOf(err)
		p.show(w, r, problem.Status, content{template: "problem", title: "Not found", data: problem})
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", server.MadePolicy)
	w.Write(page) // the client may be gone
}

// solidOf is the page of the solid in the path.
func (p *pages) solidOf(r *http.Request) ([]byte, error) {
	j, err := p.jobOf(r, r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	for _, o := range j.Outputs {
		one := resultOf(j, o)
		if o.Name != r.PathValue("name") || !one.Turns() {
			continue
		}
		glb, err := p.raw(r, strings.TrimPrefix(one.Address, "/api/v1"))
		if err != nil {
			return nil, err
		}
		return viewer.Solid(o.Name, viewer.Floor, glb, nil)
	}
	return nil, &problemError{server.Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "there is no solid " + r.PathValue("name")}}
}
