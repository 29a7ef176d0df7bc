package page

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/internal/registry"
	"atelier/jobs"
	"atelier/model/metric"
	"atelier/server"
)

// segment is a part of a path.
func segment(s string) string { return url.PathEscape(s) }

// query adds parameters, each a name and a value, to a path.
func query(path string, with ...any) string {
	q := url.Values{}
	for i := 0; i < len(with); i += 2 {
		if text := fmt.Sprint(with[i+1]); text != "" {
			q.Set(fmt.Sprint(with[i]), text)
		}
	}
	return path + "?" + q.Encode()
}

// number is a whole number in the address, 0 if there is none.
func number(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// A runList is the page of the runs.
type runList struct {
	Runs    []app.Summary
	Damaged map[string]string
	Query   string
	State   string
	States  []option
	All     int
	Skip    int
	Next    int
}

// runsPerPage is how many runs a page lists.
const runsPerPage = 100

func (p *pages) runs(r *http.Request) (content, error) {
	l := runList{Query: strings.TrimSpace(r.URL.Query().Get("q")), State: r.URL.Query().Get("state"), Skip: number(r, "skip")}
	var page server.RunPage
	if err := p.get(r, "/runs", &page); err != nil {
		return content{}, err
	}
	l.Damaged, l.All = page.Damaged, len(page.Runs)
	for _, state := range []string{"", app.Training, app.Stopped, app.Done, app.Damaged} {
		l.States = append(l.States, option{state, cmp.Or(state, "all"), state == l.State})
	}
	slices.Reverse(page.Runs)
	for _, one := range page.Runs {
		if (l.State == "" || one.State == l.State) && strings.Contains(strings.ToLower(one.Name), strings.ToLower(l.Query)) {
			l.Runs = append(l.Runs, one)
		}
	}
	l.Runs = l.Runs[min(l.Skip, len(l.Runs)):]
	if len(l.Runs) > runsPerPage {
		l.Runs, l.Next = l.Runs[:runsPerPage], l.Skip+runsPerPage
	}
	return content{template: "runs", here: "runs", title: "Runs", data: l}, nil
}

// A runShown is a run as its page shows it.
type runShown struct {
	server.RunDetail
	Config string
	// Job is the one that trains it, nil if none does.
	Job *jobs.Job
	// Uses are the apps that can use it.
	Uses []use
	// Look is that of the previews.
	Look string
	Text string // of the last preview
	Play bool   // it has a playground
}

// RunAddress is where the API has a file of the run.
func (s runShown) RunAddress(file string) string {
	return "/api/v1/runs/" + segment(s.Name) + "/previews/" + segment(file)
}

func (p *pages) run(r *http.Request) (content, error) {
	s := runShown{}
	at := "/runs/" + segment(r.PathValue("run"))
	if err := p.get(r, at, &s.RunDetail); err != nil {
		return content{}, err
	}
	text, err := p.raw(r, at+"/config")
	if err != nil {
		return content{}, err
	}
	s.Config = string(text)
	if id, ok := p.server.Queue().TrainingOf(s.Name); ok {
		j, err := p.jobOf(r, strconv.FormatInt(id, 10))
		if err != nil {
			return content{}, err
		}
		s.Job = &j
	}
	for _, name := range app.Apps.Names() {
		a, err := app.Apps.New(name)
		if err != nil || groupOf(name, a) == "" {
			continue
		}
		for _, in := range app.Inputs(a) {
			if in.IsModel() && (in.Needs() == "" || slices.Contains(s.Can, in.Needs())) {
				s.Uses = append(s.Uses, use{name, in.Name, query("/make/"+strings.ReplaceAll(name, " ", "-"), in.Name, s.Name)})
				break
			}
		}
	}
	s.Look = "picture"
	if n := len(s.Previews); n > 0 {
		s.Look = lookOfName(s.Previews[n-1])
		if s.Look == "text" {
			b, err := p.raw(r, at+"/previews/"+segment(s.Previews[n-1]))
			if err != nil {
				return content{}, err
			}
			s.Text = string(b)
		}
	}
	s.Play = playable(&s)
	return content{template: "run", here: "runs", title: s.Name, data: s}, nil
}

// lookOfName tells by the name of a preview how it is shown.
func lookOfName(name string) string {
	switch {
	case strings.HasSuffix(name, ".png"):
		return "picture"
	case strings.HasSuffix(name, ".txt"), strings.HasSuffix(name, ".map"):
		return "text"
	}
	return "other"
}

func (p *pages) runPart(r *http.Request) (content, error) {
	c, err := p.run(r)
	c.template = "part-run"
	return c, err
}

// A pairing compares two runs.
type pairing struct {
	Names   []string
	Runs    []option
	Details []server.RunDetail
	Changed []change
	Same    int
	Scores  []scorePair
	Job     *jobShown
}

// A scorePair is a score of two runs; either may be missing.
type scorePair struct {
	Name string
	Of   [2]*metric.Score
}

// Better says whether more or less is better.
func (p scorePair) Better() metric.Direction {
	if p.Of[0] != nil {
		return p.Of[0].Better
	}
	return p.Of[1].Better
}

// paired are the scores of two runs of which more or less is better, by their names.
func paired(a, b []metric.Score) (all []scorePair) {
	for i, scores := range [][]metric.Score{a, b} {
		for _, s := range telling(scores, true) {
			at := slices.IndexFunc(all, func(p scorePair) bool { return p.Name == s.Name })
			if at < 0 {
				at, all = len(all), append(all, scorePair{Name: s.Name})
			}
			all[at].Of[i] = &s
		}
	}
	return all
}

// A change is a setting that two runs have differently.
type change struct{ Key, A, B string }

func (p *pages) compare(r *http.Request) (content, error) {
	s := pairing{Names: r.URL.Query()["run"]}
	var page server.RunPage
	if err := p.get(r, "/runs", &page); err != nil {
		return content{}, err
	}
	for _, one := range slices.Backward(page.Runs) {
		s.Runs = append(s.Runs, option{Value: one.Name, Label: one.Name, Chosen: slices.Contains(s.Names, one.Name)})
	}
	s.Names = s.Names[:min(len(s.Names), 2)]
	var settings []map[string]string
	for _, name := range s.Names {
		var d server.RunDetail
		if err := p.get(r, "/runs/"+segment(name), &d); err != nil {
			return content{}, err
		}
		text, err := p.raw(r, "/runs/"+segment(name)+"/config")
		if err != nil {
			return content{}, err
		}
		one, err := registry.Flat(text)
		if err != nil {
			return content{}, err
		}
		s.Details, settings = append(s.Details, d), append(settings, one)
	}
	if len(settings) == 2 {
		s.Changed, s.Same = changes(settings[0], settings[1])
		s.Scores = paired(s.Details[0].Scores, s.Details[1].Scores)
	}
	if id := r.URL.Query().Get("job"); id != "" {
		j, err := p.jobOf(r, id)
		if err != nil {
			return content{}, err
		}
		if s.Job, err = p.shown(r, j); err != nil {
			return content{}, err
		}
	}
	return content{template: "compare", here: "runs", title: "Compare", data: s}, nil
}

// changes are the settings that differ, in order, and how many do not.
func changes(a, b map[string]string) (all []change, same int) {
	keys := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for key := range m {
			keys[key] = true
		}
	}
	for key := range keys {
		if a[key] == b[key] {
			same++
			continue
		}
		all = append(all, change{key, a[key], b[key]})
	}
	slices.SortFunc(all, func(x, y change) int { return strings.Compare(x.Key, y.Key) })
	return all, same
}
