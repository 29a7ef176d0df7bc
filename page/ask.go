package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"atelier/jobs"
	"atelier/server"
)

// A problemError is what the API refused.
type problemError struct{ server.Problem }

func (e *problemError) Error() string { return e.Detail }

// isMissing reports whether the API has no such thing.
func isMissing(err error) bool {
	var p *problemError
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}

// get asks the API, with the rights of whoever looks at the page.
func (p *pages) get(r *http.Request, path string, into any) error {
	b, err := p.raw(r, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// raw is what the API answers.
func (p *pages) raw(r *http.Request, path string) ([]byte, error) {
	q, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/api/v1"+path, nil)
	if err != nil {
		return nil, err
	}
	q.Host, q.RemoteAddr = r.Host, r.RemoteAddr
	for _, name := range []string{"Cookie", "Authorization", "Accept-Language"} {
		if value := r.Header.Get(name); value != "" {
			q.Header.Set(name, value)
		}
	}
	a := &answered{header: http.Header{}, status: http.StatusOK}
	p.server.ServeHTTP(a, q)
	if a.status >= http.StatusBadRequest {
		e := &problemError{}
		if json.Unmarshal(a.body.Bytes(), &e.Problem) != nil {
			e.Problem = server.Problem{Status: a.status, Title: http.StatusText(a.status), Detail: a.body.String()}
		}
		return nil, e
	}
	return a.body.Bytes(), nil
}

// answered keeps an answer of the API.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) WriteHeader(status int)      { a.status = status }
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }

// jobOf is a job by its id.
func (p *pages) jobOf(r *http.Request, id string) (j jobs.Job, err error) {
	if _, err := strconv.ParseUint(id, 10, 63); err != nil {
		return j, &problemError{server.Problem{Status: http.StatusNotFound, Title: http.StatusText(http.StatusNotFound), Detail: "there is no such job"}}
	}
	return j, p.get(r, "/jobs/"+id, &j)
}

// busy are the jobs that run or wait.
func (p *pages) busy(r *http.Request) ([]jobs.Job, error) {
	var all []jobs.Job
	for _, state := range []jobs.State{jobs.Running, jobs.Queued} {
		var page server.JobPage
		if err := p.get(r, "/jobs?limit=20&state="+string(state), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Jobs...)
	}
	return all, nil
}
