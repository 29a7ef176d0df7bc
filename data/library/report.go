package library

import (
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"

	"atelier/data"
	"atelier/data/statistics"
	"atelier/data/store"
	"atelier/internal/licence"
)

//go:embed report.html
var reportPage string

var reportTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"count": func(n int) string { return humanize.Comma(int64(n)) },
		"plain": plain,
		"asks":  licence.InWords,
	}).Parse(reportPage))
})

// A page is the content of the report of a version.
type page struct {
	Ref, Hash, Made   string
	Manifest          *store.Manifest
	Facts             []fact
	Measured          []string // lines on the measurements
	Crossing          []string // lines on duplicates across the parts
	Classes           []bar
	Sizes             *histogram // nil if all are of one size
	Licences, Credits []bar
	Samples           []sheet
	Steps             []step   // those that changed or dropped something
	Idle              []string // the others
	Drops             []sheet
	Dropped           int
}

// A fact is a named figure.
type fact struct{ Name, Value string }

// A step is the effect of a cleaner, with the description of the cleaner.
type step struct {
	store.Step
	Doc string
}

// Report writes a self-contained HTML page about a version: samples, plots, the cleaning, and what
// was dropped, with examples.
func (l *Library) Report(ctx context.Context, ref string, w io.Writer) error {
	v, err := l.Store.Version(ctx, ref)
	if err != nil {
		return err
	}
	m := v.Manifest()
	p := page{Ref: v.Ref(), Hash: v.Hash(), Made: m.Made.UTC().Format("2 January 2006, 15:04 UTC"), Manifest: m}
	if err := p.readItems(ctx, v); err != nil {
		return err
	}
	if err := p.readDrops(ctx, v); err != nil {
		return err
	}
	p.describe()
	return reportTemplate().Execute(w, p)
}

// describe fills in the facts from the manifest.
func (p *page) describe() {
	m := p.Manifest
	train, test := m.Counts.Splits[data.Train], m.Counts.Splits[data.Test]
	p.Facts = []fact{
		{"to train on", humanize.Comma(int64(train))},
		{"to measure against", humanize.Comma(int64(test))},
		{"dropped", humanize.Comma(int64(p.Dropped))},
		{"in all", humanize.IBytes(uint64(max(m.Counts.Bytes, 0)))},
	}
	if n := len(m.Classes); n > 0 {
		p.Facts = append(p.Facts, fact{"classes", humanize.Comma(int64(n))})
	}
	if n := m.Counts.Unlabelled(); n > 0 {
		p.Facts = append(p.Facts, fact{"without label", humanize.Comma(int64(n))})
	}
	for _, t := range bars(m.Counts.MediaTypes, mostBars) {
		p.Facts = append(p.Facts, fact{t.Name, humanize.Comma(int64(t.N))})
	}
	var known statistics.Set
	if text := m.Statistics[statistics.Key]; text != nil && json.Unmarshal(text, &known) == nil {
		p.Measured = known.Lines()
	}
	docs := map[string]string{}
	for name, doc := range data.Cleaners.Docs() {
		docs[name] = doc
	}
	for _, s := range m.Steps {
		if len(s.Changed)+len(s.Dropped) == 0 {
			p.Idle = append(p.Idle, s.Use)
		} else {
			p.Steps = append(p.Steps, step{s, docs[s.Use]})
		}
	}
}

// readItems selects the samples of each part, and counts.
func (p *page) readItems(ctx context.Context, v *store.Version) error {
	seen, copies := newCensus(), overlap{}
	byClass := len(p.Manifest.Classes) > 1 && len(p.Manifest.Classes) <= mostSheets
	for _, split := range []data.Split{data.Train, data.Test} {
		g := gallery{byClass: byClass && split == data.Train}
		for r, err := range v.Rows(ctx, split) {
			if err != nil {
				return err
			}
			seen.add(r)
			copies.add(split, r.SHA256)
			g.offer(r)
		}
		p.Samples = append(p.Samples, g.sheets(split)...)
	}
	p.Licences, p.Credits = bars(seen.licences, mostBars), bars(seen.credits, mostBars)
	if len(seen.labels) > 1 {
		p.Classes = bars(seen.labels, mostBars)
	}
	p.Sizes = seen.histogram()
	p.Crossing = Crossing{copies.count(), CrossingOf(p.Manifest).Near}.Lines()
	return nil
}

// readDrops collects examples of each reason, the most frequent reason first.
func (p *page) readDrops(ctx context.Context, v *store.Version) error {
	count := map[string]int{}
	examples := map[string][]specimen{}
	for d, err := range v.Drops(ctx) {
		if err != nil {
			return err
		}
		p.Dropped++
		why := d.Drop.By + ": " + d.Drop.Reason
		count[why]++
		if d.Drop != forgotten && len(examples[why]) < examplesOfReason {
			s := show(d.Item)
			s.Detail = d.Drop.Detail
			examples[why] = append(examples[why], s)
		}
	}
	for _, b := range bars(count, len(count)) {
		p.Drops = append(p.Drops, sheet{Title: b.Name, N: b.N, Items: examples[b.Name]})
	}
	return nil
}

// plain writes settings, a table in TOML, on one line.
func plain(settings string) string {
	return strings.Join(strings.Split(strings.TrimSpace(settings), "\n"), ", ")
}
