package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/licence"
	"atelier/model/run"
)

// DataFacts are what is known about the data of a run.
type DataFacts struct {
	// Set is the name of the set, and Dataset the stored version, empty for other data.
	Set     string `json:"set"`
	Dataset string `json:"dataset,omitempty"`
	// Source is the source in the run file.
	Source string `json:"source"`
	// Train and Test are the numbers of examples of the parts, Split says how they were made.
	Train int    `json:"train"`
	Test  int    `json:"test"`
	Split string `json:"split"`
	// Classes are the names of the classes.
	Classes []string `json:"classes,omitempty"`
	// Licences are those of the Items, the most frequent first, and Credits whom they ask to name.
	Licences []Licensed `json:"licences"`
	Credits  []string   `json:"credits,omitempty"`
	// Looked is the number of Items whose licences were read, Unlicensed that of those without one.
	Looked     int `json:"looked"`
	Unlicensed int `json:"unlicensed"`
	// Sampled reports that there may be more Items than those.
	Sampled bool `json:"sampled,omitempty"`
	// Drops are what was left out of the set, by reason, and Crossing says which held-out Items are
	// copies of training Items.
	Drops    []Left   `json:"drops"`
	Crossing []string `json:"crossing,omitempty"`
	// Problem says why the source cannot be read.
	Problem string `json:"problem,omitempty"`
}

// Licensed are the Items of a licence.
type Licensed struct {
	Licence string `json:"licence"`
	Items   int    `json:"items"`
	// Asks is what the licence asks of those who pass works on; nil if that is not known, empty if it
	// asks nothing.
	Asks []string `json:"asks"`
}

// AskWords is what the licence asks, in words.
func (l Licensed) AskWords() string { return licence.InWords(l.Licence) }

// Left are Items that were left out.
type Left struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
	Items  int    `json:"items"`
}

// So many Items of a part, and so many of their bytes, are read for their licences at most.
const (
	mostLicences      = 100_000
	mostLicencesBytes = 512 << 20
)

// mostCredits is the largest number of credits on a card.
const mostCredits = 40

// dataFacts describe the data of a run.
func dataFacts(ctx context.Context, c *run.Config, f run.Facts) DataFacts {
	d := DataFacts{Set: f.Set, Dataset: f.Dataset, Source: c.Data.Use, Train: f.TrainExamples, Test: f.TestExamples, Classes: f.Spec.ClassNames()}
	if c.Limit > 0 && c.Limit < d.Train {
		d.Split = fmt.Sprintf("The run learned from the first %d of them. ", c.Limit)
	}
	if f.Dataset != "" {
		d.Split += "The parts are those of the stored version."
		if s, ok := c.Data.Value.(*store.Stored); ok {
			d.stored(ctx, s)
			return d
		}
	}
	switch v, ok := c.Data.Value.(data.Divided); {
	case d.Test == 0:
		d.Split += "There is no held-out part."
	case ok && v.Divided():
		d.Split += "The parts are those that the set comes with."
	default:
		d.Split += "The source divides its Items, the same way each time."
	}
	d.look(ctx, c.Data.Value)
	return d
}

// stored reads what the manifest of a stored version says.
func (d *DataFacts) stored(ctx context.Context, s *store.Stored) {
	m, err := s.Manifest(ctx)
	if err != nil {
		d.Problem = oneSentence(err)
		return
	}
	for _, n := range m.Licences {
		d.Looked += n
	}
	d.licensed(m.Licences)
	credits := map[string]int{}
	for _, from := range m.Sources {
		if from.Attribution != "" {
			credits[from.Attribution]++
		}
		d.left(from.Use, from.Dropped)
	}
	d.Credits = names(credits, mostCredits)
	for _, step := range m.Steps {
		d.left(step.Use, step.Dropped)
	}
	d.Crossing = library.CrossingOf(m).Lines()
}

// left adds Items that were left out.
func (d *DataFacts) left(by string, dropped map[string]int) {
	for _, why := range names(dropped, len(dropped)) {
		d.Drops = append(d.Drops, Left{by, why, dropped[why]})
	}
}

// look reads the licences of the Items of a source.
func (d *DataFacts) look(ctx context.Context, src data.Source) {
	licences, credits, dropped := map[string]int{}, map[string]int{}, map[string]int{}
	for _, split := range []data.Split{data.Train, data.Test} {
		n, bytes := 0, 0
		for it, err := range src.Items(ctx, split) {
			var drop *data.Drop
			if errors.As(err, &drop) {
				dropped[drop.Reason]++
				continue
			}
			if err != nil {
				d.Problem = oneSentence(err)
				return
			}
			licences[cmp.Or(licence.Name(it.Origin.Licence), licence.Unknown)]++
			if who := cmp.Or(it.Origin.Attribution, it.Origin.Creator); who != "" {
				credits[who]++
			}
			n, bytes = n+1, bytes+len(it.Bytes)
			if n == mostLicences || bytes >= mostLicencesBytes {
				d.Sampled = true
				break
			}
		}
		d.Looked += n
	}
	d.licensed(licences)
	d.Credits = names(credits, mostCredits)
	d.left(d.Source, dropped)
}

// licensed adds counts of Items by licence.
func (d *DataFacts) licensed(counts map[string]int) {
	for _, name := range names(counts, len(counts)) {
		l := Licensed{Licence: name, Items: counts[name]}
		if asks, known := licence.Obligations(name); known {
			l.Asks = append([]string{}, asks...)
		}
		if name == licence.Unknown {
			d.Unlicensed = counts[name]
		}
		d.Licences = append(d.Licences, l)
	}
}

// names are the names of counts, the largest first, as many as most.
func names(counts map[string]int, most int) []string {
	all := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	return all[:min(len(all), most)]
}

// oneSentence is an error as part of a sentence.
func oneSentence(err error) string {
	return strings.TrimRight(strings.ReplaceAll(err.Error(), "\n", " "), ".")
}
