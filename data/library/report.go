package library

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"time"

	"atelier/data"
	"atelier/data/store"
)

//go:embed report.html
var reportPage string

var reportTemplate = template.Must(template.New("report").Parse(reportPage))

// A page is what the report of a version shows.
type page struct {
	Ref, Hash, Made  string
	Manifest         *store.Manifest
	Kept, Dropped    int
	Splits, Licences []tally
	Plots            []template.HTML
	Samples, Drops   []exhibit
}

// A tally is a name and how many Items it has.
type tally struct {
	Name string
	N    int
}

// Report writes a page of HTML about a version, with all that it shows inside:
// samples, plots, what was done to the Items, and what was dropped, with examples.
func (l *Library) Report(ctx context.Context, ref string, w io.Writer) error {
	v, err := l.Store.Version(ref)
	if err != nil {
		return err
	}
	m := v.Manifest()
	p := page{Ref: v.Ref(), Hash: v.Hash(), Made: m.Made.Format(time.DateTime), Manifest: m}
	seen, err := p.samples(ctx, v)
	if err != nil {
		return err
	}
	if err := p.drops(ctx, v); err != nil {
		return err
	}
	p.Licences = tallies(seen.licences)
	if p.Plots, err = seen.plots(); err != nil {
		return err
	}
	return reportTemplate.Execute(w, p)
}

// samples chooses what is shown of each part, and counts.
func (p *page) samples(ctx context.Context, v *store.Version) (*census, error) {
	seen := newCensus()
	for _, split := range []data.Split{data.Train, data.Test} {
		n := 0
		var chosen sampled
		for r, err := range v.Rows(ctx, split) {
			if err != nil {
				return nil, err
			}
			n++
			seen.add(r)
			chosen.offer(r)
		}
		p.Splits = append(p.Splits, tally{string(split), n})
		p.Kept += n
		if n > 0 {
			p.Samples = append(p.Samples, exhibit{Title: string(split) + " part"}.showing(chosen.rows))
		}
	}
	return seen, nil
}

// drops gathers examples of each reason, the most frequent reason first.
func (p *page) drops(ctx context.Context, v *store.Version) error {
	count := map[string]int{}
	examples := map[string][]store.Row{}
	for d, err := range v.Drops(ctx) {
		if err != nil {
			return err
		}
		p.Dropped++
		why := d.Drop.By + ": " + d.Drop.Reason
		count[why]++
		if len(examples[why]) < examplesOfReason {
			it := d.Item
			it.Label = cmp.Or(d.Drop.Detail, it.Name)
			examples[why] = append(examples[why], store.Row{Item: it, SHA256: d.SHA256})
		}
	}
	for _, t := range tallies(count) {
		e := exhibit{Title: t.Name, N: t.N}
		p.Drops = append(p.Drops, e.showing(examples[t.Name]))
	}
	return nil
}

// tallies sorts counts, the largest first.
func tallies(count map[string]int) []tally {
	var all []tally
	for name, n := range count {
		all = append(all, tally{cmp.Or(name, "unknown"), n})
	}
	slices.SortFunc(all, func(a, b tally) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return all
}

// A sampled keeps the rows whose hashes are the lowest: a fair selection that is
// the same each time.
type sampled struct{ rows []store.Row }

const mostSamples = 60

func (s *sampled) offer(r store.Row) {
	byHash := func(a, b store.Row) int { return slices.Compare(a.SHA256[:], b.SHA256[:]) }
	if n := len(s.rows); n == mostSamples && byHash(r, s.rows[n-1]) >= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(s.rows, r, byHash)
	s.rows = slices.Insert(s.rows, at, r)
	s.rows = s.rows[:min(len(s.rows), mostSamples)]
}

// A census counts what the plots show.
type census struct {
	licences, labels map[string]int
	sizes            []float64 // of the bytes of each Item
}

func newCensus() *census {
	return &census{licences: map[string]int{}, labels: map[string]int{}}
}

// mostSizes bounds the sizes that a census keeps.
const mostSizes = 1 << 20

func (c *census) add(r store.Row) {
	c.licences[r.Origin.Licence]++
	c.labels[r.Label]++
	if len(c.sizes) < mostSizes {
		c.sizes = append(c.sizes, float64(len(r.Bytes)))
	}
}

// names returns the labels by count, at most that many.
func (c *census) names(most int) []tally {
	all := tallies(maps.Clone(c.labels))
	if len(all) > most {
		rest := 0
		for _, t := range all[most-1:] {
			rest += t.N
		}
		all = append(all[:most-1], tally{fmt.Sprintf("%d others", len(all)-most+1), rest})
	}
	return all
}
