package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/jobs"
	"atelier/model/metric"
)

// A result is an output of a job as pages show it.
type result struct {
	jobs.Output
	Job     int64
	App     string
	Address string // of the file
	Ref     string // JOB/NAME
	// Look is picture, audio, music, video, page, solid, map, text or other.
	Look string
	Text string // of a text
	Uses []use
}

func resultOf(j jobs.Job, o jobs.Output) result {
	return result{Output: o, Job: j.ID, App: j.App, Ref: jobName(j.ID, o.Name), Look: lookOf(o.MediaType),
		Address: fmt.Sprintf("/api/v1/results/%d/%s", j.ID, url.PathEscape(o.Name))}
}

// works are the outputs of a job without the labels that lie beside them; maps stand before the
// pictures of their tiles.
func works(j jobs.Job) []jobs.Output {
	names := map[string]bool{}
	for _, o := range j.Outputs {
		names[o.Name] = true
	}
	all := slices.DeleteFunc(slices.Clone(j.Outputs), func(o jobs.Output) bool {
		of, ok := strings.CutSuffix(o.Name, ".json")
		return ok && names[of]
	})
	slices.SortStableFunc(all, func(a, b jobs.Output) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// rank is the place of an output among those of its job: maps stand first.
func rank(o jobs.Output) int {
	if lookOf(o.MediaType) == "map" {
		return 0
	}
	return 1
}

// A parameter is an input of a job in words.
type parameter struct{ Name, Label, Value string }

// mostOnCard is how many characters of a parameter or a text a card shows, at most.
const mostOnCard = 500

// Short is the value as a card shows it, whose lines are few.
func (p parameter) Short() string { return shortened(p.Value, mostOnCard) }

// A jobShown is a job as pages show it.
type jobShown struct {
	jobs.Job
	Results []result
	// Hidden is how many results are not shown.
	Hidden     int
	Parameters []parameter
	Command    string
	// Again is the page whose form has the inputs of the job.
	Again string
	// Seeded says that another seed gives something else.
	Seeded bool
	// Before is the input picture, shown beside what was made of it.
	Before     string
	Scores     []metric.Score
	Verdict    *metric.Verdict
	Comparison *app.Comparison
	Dataset    *app.Added
	Found      string
}

const (
	mostShown = 64        // results of a job on a page
	mostText  = 200 << 10 // bytes of a text on a page
)

// shown is a job as pages show it.
func (p *pages) shown(r *http.Request, j jobs.Job) (*jobShown, error) {
	s := &jobShown{Job: j, Again: "/make/" + strings.ReplaceAll(j.App, " ", "-") + "?job=" + strconv.FormatInt(j.ID, 10)}
	switch j.Kind {
	case jobs.Train:
		s.Again = "/train?job=" + strconv.FormatInt(j.ID, 10)
	case jobs.Collect:
		s.Again = "/data"
	}
	all := works(j)
	for i, o := range all {
		if i == mostShown {
			s.Hidden = len(all) - mostShown
			break
		}
		one := resultOf(j, o)
		one.Uses = usesOf(j.ID, o)
		if (one.Look == "text" || one.Look == "map") && o.Bytes <= mostText {
			b, err := p.raw(r, strings.TrimPrefix(one.Address, "/api/v1"))
			if err != nil && !isMissing(err) {
				return nil, err
			}
			one.Text = string(b)
		}
		s.Results = append(s.Results, one)
	}
	if err := s.inputs(); err != nil {
		return nil, err
	}
	s.find()
	return s, nil
}

// inputs says what the job was given.
func (s *jobShown) inputs() error {
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal(s.Inputs, &given); err != nil {
		return err
	}
	words := []string{"atelier", s.App}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := wordsOf(given[name])
		s.Parameters = append(s.Parameters, parameter{name, titleOf(name), value})
		s.Seeded = s.Seeded || name == "seed"
	}
	a, err := app.Apps.New(s.App)
	if err != nil {
		return nil // an app of another version
	}
	var flags []string
	for _, in := range app.Inputs(a) {
		for i := range s.Parameters {
			if s.Parameters[i].Name == in.Name {
				s.Parameters[i].Label = labelOf(in)
			}
		}
		s.Seeded = s.Seeded || in.Name == "seed"
		text, ok := given[in.Name]
		if !ok {
			continue
		}
		value := quoted(wordsOf(text))
		switch {
		case in.Argument() != "" || in.Lead() != "" || s.App == "train" && in.Name == "recipe":
			words = append(words, value)
		case s.App == "train" && in.Name == "settings":
			var settings []string
			if json.Unmarshal(text, &settings) == nil {
				for _, one := range settings {
					flags = append(flags, quoted(one))
				}
			}
		default:
			flags = append(flags, "--"+strings.ReplaceAll(in.Name, "_", "-")+"="+value)
		}
		if in.File() != nil && in.Argument() != "" && strings.Contains(in.Tag.Get("accept"), "image/") {
			s.Before = addressOf(text)
		}
	}
	s.Command = strings.Join(append(words, flags...), " ")
	return nil
}

// addressOf is where a page gets the file of a reference, empty if that is not known.
func addressOf(text json.RawMessage) string {
	var ref jobs.Reference
	if json.Unmarshal(text, &ref) != nil {
		return ""
	}
	switch {
	case ref.Upload != "" && cmp.Or(ref.File, ref.Name) != "":
		return "/api/v1/uploads/" + ref.Upload + "/files/" + (&url.URL{Path: cmp.Or(ref.File, ref.Name)}).EscapedPath()
	case ref.Result != "":
		id, name, _ := strings.Cut(ref.Result, "/")
		return "/api/v1/results/" + id + "/" + url.PathEscape(name)
	}
	return ""
}

// wordsOf are a value of JSON in words.
func wordsOf(text json.RawMessage) string {
	var word string
	var ref map[string]string
	var list []json.RawMessage
	switch {
	case json.Unmarshal(text, &word) == nil:
		return word
	case json.Unmarshal(text, &ref) == nil:
		return shownAs(ref)
	case json.Unmarshal(text, &list) == nil:
		var words []string
		for _, one := range list {
			words = append(words, wordsOf(one))
		}
		return strings.Join(words, ",")
	}
	return string(text)
}

// quoted is a word of a command line.
func quoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(c rune) bool { return c <= ' ' || strings.ContainsRune("'\"[]{}()$&;|<>*?!#~\\`", c) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// find reads what the job found, as its app defines it.
func (s *jobShown) find() {
	if len(s.Job.Found) == 0 {
		return
	}
	found := s.Job.Found
	switch s.App {
	case "train", "evaluate":
		var e app.Evaluated
		if json.Unmarshal(found, &e) == nil {
			s.Scores = e.Scores
			if e.Verdict.Sentence != "" {
				s.Verdict = &e.Verdict
			}
			return
		}
	case "compare":
		if json.Unmarshal(found, &s.Comparison) == nil {
			return
		}
	case "data add":
		if json.Unmarshal(found, &s.Dataset) == nil {
			return
		}
	}
	b, err := json.MarshalIndent(found, "", "  ")
	if err == nil {
		s.Found = string(b)
	}
}

func (p *pages) job(r *http.Request) (content, error) {
	j, err := p.jobOf(r, r.PathValue("job"))
	if err != nil {
		return content{}, err
	}
	s, err := p.shown(r, j)
	if err != nil {
		return content{}, err
	}
	return content{template: "job", here: "gallery", title: titleOf(j.App), data: s}, nil
}

func (p *pages) jobPart(r *http.Request) (content, error) {
	c, err := p.job(r)
	c.template = "part-job"
	return c, err
}
