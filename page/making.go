package page

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/jobs"
	"atelier/server"
)

// A group is a kind of apps.
type group struct {
	Title, Icon string
	Apps        []appEntry
}

// An appEntry is an app at a glance.
type appEntry struct{ Name, Doc string }

// The groups of apps, told by their inputs.
const (
	ofRuns     = "With your models"
	ofPictures = "With a picture"
	ofMusic    = "With a piece of music"
	ofTexts    = "With words"
	ofScores   = "Measure"
)

var groupIcons = map[string]string{ofRuns: "train", ofPictures: "picture", ofMusic: "music", ofTexts: "text", ofScores: "check"}

// groupOf tells the group of an app by its inputs; empty for those that have pages of their own.
func groupOf(name string, a app.App) string {
	switch jobs.KindOf(name) {
	case jobs.Train, jobs.Collect:
		return ""
	case jobs.Evaluate:
		return ofScores
	}
	for _, in := range app.Inputs(a) {
		accept := in.Tag.Get("accept")
		switch {
		case in.Type() == "runs":
			return ofScores
		case in.IsModel() && in.Argument() != "":
			return ofRuns
		case slices.Contains(in.Choices(), "midi"):
			return ofMusic
		case in.Argument() == "":
		case strings.HasPrefix(accept, "image/"):
			return ofPictures
		case strings.HasPrefix(accept, "audio/"):
			return ofMusic
		}
	}
	return ofTexts
}

// groups are all apps by their groups.
func groups() []group {
	all := []group{{Title: ofRuns}, {Title: ofPictures}, {Title: ofMusic}, {Title: ofTexts}, {Title: ofScores}}
	for name, doc := range app.Apps.Docs() {
		a, err := app.Apps.New(name)
		if err != nil {
			continue
		}
		of := groupOf(name, a)
		for i := range all {
			all[i].Icon = groupIcons[all[i].Title]
			if all[i].Title == of {
				all[i].Apps = append(all[i].Apps, appEntry{name, doc})
			}
		}
	}
	return all
}

func (p *pages) apps(*http.Request) (content, error) {
	return content{template: "apps", here: "make", title: "Make", data: groups()}, nil
}

// A making is the page of an app.
type making struct {
	Name, Doc string
	Fields    []field
	// NoRun says that no run fits, and one is needed.
	NoRun bool
	// Paints names the input whose hole is painted, and the one of its mask. Marks says that strokes
	// mark a subject and its background instead.
	Paints, Mask string
	Marks        bool
	// Layers names the input of how layers lie, Above that of their files, and Below that of the
	// picture under them; Blends are the ways in which they are joined.
	Layers, Above, Below string
	Blends               []string
	// Several says that it makes several works, which can have files of their own.
	Several bool
	Job     *jobShown
}

// appOf reads the app, and the job whose inputs are taken, from the address.
func (p *pages) appOf(r *http.Request, name string) (m making, given map[string]json.RawMessage, err error) {
	m.Name, given = name, givenIn(r, name)
	for n, doc := range app.Apps.Docs() {
		if n == name {
			m.Doc = doc
		}
	}
	if id := r.URL.Query().Get("job"); id != "" {
		j, err := p.jobOf(r, id)
		if err != nil {
			return m, nil, err
		}
		if j.App == name {
			if err := json.Unmarshal(j.Inputs, &given); err != nil {
				return m, nil, err
			}
			if m.Job, err = p.shown(r, j); err != nil {
				return m, nil, err
			}
		}
	}
	return m, given, nil
}

func (p *pages) app(r *http.Request) (content, error) {
	name := strings.ReplaceAll(r.PathValue("app"), "-", " ")
	m, given, err := p.appOf(r, name)
	if err != nil {
		return content{}, err
	}
	if m.Fields, err = p.fieldsOf(r, name, given); err != nil {
		return content{}, err
	}
	for _, f := range m.Fields {
		m.NoRun = m.NoRun || f.Control == "run" && f.Required && len(f.Options) == 0
		m.Several = m.Several || f.Name == "n"
		switch f.Name {
		case "place":
			m.Layers, m.Blends = f.Name, app.Blends()
		case "layer":
			m.Above = f.Name
		case "picture":
			m.Below = f.Name
		}
		if (f.Name == "mask" || f.Name == "marks") && f.Control == "file" {
			m.Mask, m.Marks = f.Name, f.Name == "marks"
		}
	}
	if m.Mask != "" {
		i := slices.IndexFunc(m.Fields, func(f field) bool { return f.Control == "file" && f.Required })
		if i >= 0 {
			m.Paints = m.Fields[i].Name
			for k := range m.Fields { // what is painted says the same
				m.Fields[k].More = m.Fields[k].More || m.Fields[k].Name == m.Mask || m.Fields[k].Name == "box"
			}
		}
	}
	return content{template: "app", here: "make", title: titleOf(name), data: m}, nil
}

// fieldsPart are the fields of an app, for other forms.
func (p *pages) fieldsPart(r *http.Request) (content, error) {
	c, err := p.app(r)
	c.template = "part-fields"
	return c, err
}

// A use is an app that can take a result.
type use struct{ App, Input, Address string }

// usesOf are the apps that can take a file of a type.
func usesOf(id int64, o jobs.Output) (all []use) {
	is, _, _ := strings.Cut(o.MediaType, ";")
	for _, name := range app.Apps.Names() {
		a, err := app.Apps.New(name)
		if err != nil || groupOf(name, a) == "" {
			continue
		}
		if in := inputFor(a, is); in != "" {
			q := url.Values{in: {jobName(id, o.Name)}}
			all = append(all, use{name, in, "/make/" + strings.ReplaceAll(name, " ", "-") + "?" + q.Encode()})
		}
	}
	return all
}

// inputFor is the input of an app that takes a file of a media type: its argument, or else another
// one that is not for texts, which are settings there; empty if none does.
func inputFor(a app.App, is string) (name string) {
	for _, in := range app.Inputs(a) {
		_, several := in.Files()
		switch {
		case in.File() == nil && !several || !accepts(in.Tag.Get("accept"), is):
		case in.Argument() != "":
			return in.Name
		case name == "" && !strings.HasPrefix(is, "text/"):
			name = in.Name
		}
	}
	return name
}

// accepts reports whether the tag of an input takes a media type; one without a tag takes texts.
func accepts(accept, is string) bool {
	if accept == "" {
		return strings.HasPrefix(is, "text/plain") || strings.HasPrefix(is, "text/markdown")
	}
	return slices.ContainsFunc(strings.Split(accept, ","), func(pattern string) bool {
		before, wild := strings.CutSuffix(pattern, "*")
		return pattern == is || wild && strings.HasPrefix(is, before)
	})
}

// jobName names a result of a job.
func jobName(id int64, name string) string { return strconv.FormatInt(id, 10) + "/" + name }

// resultsPart are earlier results that an input takes.
func (p *pages) resultsPart(r *http.Request) (content, error) {
	var page server.JobPage
	if err := p.get(r, "/jobs?state=done&limit=200", &page); err != nil {
		return content{}, err
	}
	var all []result
	for _, j := range page.Jobs {
		for _, o := range works(j) {
			if accepts(r.URL.Query().Get("accept"), o.MediaType) && len(all) < 60 {
				all = append(all, resultOf(j, o))
			}
		}
	}
	return content{template: "part-results", data: all}, nil
}
