package page

import (
	"cmp"
	"net/http"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/durable"
	"atelier/jobs"
	"atelier/server"
)

// An overview is what the first page shows of the studio.
type overview struct {
	Busy []jobs.Job
	// Recent are the last results.
	Recent []result
	// Disk is what the home takes of it, in bytes.
	Runs, Datasets, Uploads int64
	Free                    int64
	FreeKnown               bool
	Folder                  string
	New                     bool // nothing was made yet
}

func (p *pages) start(r *http.Request) (content, error) {
	o := overview{Folder: p.home}
	var err error
	if o.Busy, err = p.busy(r); err != nil {
		return content{}, err
	}
	var page server.JobPage
	if err := p.get(r, "/jobs?state=done&limit=60", &page); err != nil {
		return content{}, err
	}
	for _, j := range page.Jobs {
		if all := works(j); len(all) > 0 && len(o.Recent) < 5 {
			o.Recent = append(o.Recent, resultOf(j, all[0]))
		}
	}
	var runs server.RunPage
	if err := p.get(r, "/runs", &runs); err != nil {
		return content{}, err
	}
	for _, one := range runs.Runs {
		o.Runs += one.Bytes
	}
	var sets server.DatasetPage
	if err := p.get(r, "/datasets", &sets); err != nil && !isMissing(err) {
		return content{}, err
	}
	for _, one := range sets.Datasets {
		o.Datasets += one.Bytes
	}
	free, known := durable.Free(p.home)
	o.Free, o.FreeKnown = int64(free), known
	o.New = len(page.Jobs) == 0 && len(runs.Runs) == 0
	return content{template: "start", here: "start", title: "Start", data: o}, nil
}

// startPart is the list of jobs of the first page.
func (p *pages) startPart(r *http.Request) (content, error) {
	busy, err := p.busy(r)
	return content{template: "part-busy", data: busy}, err
}

// A holdings is the page of the datasets.
type holdings struct {
	Extend   string // the dataset of which a new version is to be made
	Datasets []server.DatasetEntry
	Damaged  map[string]string
	Busy     []jobs.Job
	Sets     []server.NamedDoc
	Cleaning []option // the recipes
}

// cleaning are the cleaning recipes by what they are called; the usual one need not be named.
func cleaning() (all []option) {
	called := map[string]string{
		library.DefaultPipeline: "as usual: broken, empty and duplicated works, personal data",
		"web":                   "from the web: also blurred, small and poor ones",
		"none":                  "nothing: works stay as they are",
	}
	for _, name := range library.PipelineNames() {
		o := option{name, cmp.Or(called[name], name), name == library.DefaultPipeline}
		if o.Chosen {
			all = append([]option{{"", o.Label, true}}, all...)
			continue
		}
		all = append(all, o)
	}
	return all
}

func (p *pages) datasets(r *http.Request) (content, error) {
	l := holdings{Extend: r.URL.Query().Get("extend"), Cleaning: cleaning()}
	var page server.DatasetPage
	if err := p.get(r, "/datasets", &page); err != nil && !isMissing(err) {
		return content{}, err
	}
	l.Damaged = page.Damaged
	for i := len(page.Datasets) - 1; i >= 0; i-- {
		l.Datasets = append(l.Datasets, page.Datasets[i])
	}
	busy, err := p.busy(r)
	if err != nil {
		return content{}, err
	}
	for _, j := range busy {
		if j.Kind == jobs.Collect {
			l.Busy = append(l.Busy, j)
		}
	}
	if err := p.get(r, "/sets", &l.Sets); err != nil {
		return content{}, err
	}
	return content{template: "data", here: "data", title: "Data", data: l}, nil
}

// datasetsPart is the list of datasets of their page.
func (p *pages) datasetsPart(r *http.Request) (content, error) {
	c, err := p.datasets(r)
	c.template = "part-datasets"
	return c, err
}

// A card is a version of a dataset.
type card struct {
	store.Manifest
	Ref   string
	Items []server.ItemEntry
	// Reason is that of the drops that are shown; Twins says that they are duplicates, shown beside the
	// works that were kept.
	Reason  string
	Drops   []server.DropEntry
	Twins   bool
	Newest  bool // no later version is there
	Skip    int
	Next    int
	Train   int
	Test    int
	Dropped int
}

// perPage is how many Items a page shows.
const perPage = 48

func (p *pages) dataset(r *http.Request) (content, error) {
	c := card{Ref: r.PathValue("ref"), Reason: r.URL.Query().Get("reason")}
	at := "/datasets/" + segment(c.Ref)
	if err := p.get(r, at, &c.Manifest); err != nil {
		return content{}, err
	}
	var all server.DatasetPage
	if err := p.get(r, "/datasets", &all); err != nil {
		return content{}, err
	}
	c.Newest = true
	for _, one := range all.Datasets {
		c.Newest = c.Newest && (one.Name != c.Name || one.Version <= c.Version)
	}
	c.Train, c.Test = c.Counts.Splits[data.Train], c.Counts.Splits[data.Test]
	for _, n := range c.Counts.Dropped {
		c.Dropped += n
	}
	c.Skip = number(r, "skip")
	part, works := data.Train, c.Train
	if works == 0 { // such as a set of a single work
		part, works = data.Test, c.Test
	}
	if err := p.get(r, query(at+"/items", "split", part, "skip", c.Skip, "limit", perPage), &c.Items); err != nil {
		return content{}, err
	}
	if len(c.Items) == perPage && c.Skip+perPage < works {
		c.Next = c.Skip + perPage
	}
	if c.Dropped > 0 {
		c.Twins = strings.Contains(c.Reason, "duplicate")
		if err := p.get(r, query(at+"/drops", "reason", c.Reason, "twins", c.Twins, "limit", perPage), &c.Drops); err != nil {
			return content{}, err
		}
	}
	return content{template: "dataset", here: "data", title: c.Ref, data: c}, nil
}

// Base is the last part of a name.
func (c card) Base(name string) string { return filepath.Base(name) }
