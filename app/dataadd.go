package app

import (
	"cmp"
	"context"
	"reflect"
	"strings"

	"atelier/data"
	"atelier/data/cards"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("data add", "collect from sources, clean, and store a new version of a dataset",
		func() App { return &DataAdd{} })
}

// Cleaning holds the inputs that choose how Items are cleaned.
type Cleaning struct {
	Clean          []string `help:"a cleaning recipe, or a setting such as size.width=64, blur=off or test_share=0.2"`
	CleanFile      File     `accept:"text/*" help:"the file of a cleaning recipe"`
	RequireLicence string   `help:"keep only Items of these licences, such as \"CC-BY-*,CC0-*,MIT\""`
}

// Pipeline returns the requested cleaning pipeline.
func (c Cleaning) Pipeline() (*library.Pipeline, error) {
	name := library.DefaultPipeline
	var settings []string
	for _, word := range c.Clean {
		if strings.Contains(word, "=") {
			settings = append(settings, word)
		} else {
			name = word
		}
	}
	if c.RequireLicence != "" {
		quoted := `"` + strings.Join(strings.FieldsFunc(c.RequireLicence, func(r rune) bool { return r == ',' || r == ' ' }), `", "`) + `"`
		settings = append(settings, "licence.allow=["+quoted+"]")
	}
	if c.CleanFile.Given() {
		return library.ParsePipeline(c.CleanFile.Name, c.CleanFile.Bytes, settings...)
	}
	text, err := library.ReadPipeline(name)
	if err != nil {
		return nil, err
	}
	return library.ParsePipeline(name+".toml", text, settings...)
}

// DataAdd makes a version of a dataset.
type DataAdd struct {
	Name    string `arg:"NAME" help:"the dataset's name"`
	Sources []Set  `help:"sources: folders, files, addresses, queries, or names of well-known sets; if empty, the well-known set of the dataset's name"`
	Cleaning
	Licence      string `help:"the licence of Items that do not state their own, such as CC-BY-4.0"`
	AllowPrivate bool   `help:"also fetch from private and loopback addresses"`
}

// Added is the result of [DataAdd]: the version that was made, or existed already.
type Added struct {
	Dataset string `json:"dataset"`
	Version int    `json:"version"`
	Hash    string `json:"hash"`
	Train   int    `json:"train"`
	Test    int    `json:"test"`
	Dropped int    `json:"dropped"`
	// Stored is the version itself.
	Stored *store.Version `json:"-"`
}

// Example implements [App].
func (a DataAdd) Example() string { return "faces photos/ more.zip" }

// Check implements [Checker].
func (a DataAdd) Check(Out) error {
	if a.Name == "" {
		return registry.Unfit("name", "want the name of a dataset")
	}
	if _, err := a.Pipeline(); err != nil && a.CleanFile.Given() {
		return err
	} else if err != nil {
		return registry.Unfit("clean", err.Error())
	}
	return nil
}

// Run implements [App].
func (a DataAdd) Run(ctx context.Context, env *Env) error {
	sources, err := a.sources()
	if err != nil {
		return err
	}
	p, err := a.Pipeline()
	if err != nil {
		return err
	}
	if env.Library == nil {
		return badinput.Errorf("there is no folder for datasets")
	}
	if err := introduce(env, sources); err != nil {
		return err
	}
	v, err := env.Library.Add(ctx, a.Name, sources, p, a.Licence)
	if err != nil {
		return err
	}
	m := v.Manifest()
	found := &Added{Dataset: m.Name, Version: m.Version, Hash: v.Hash(), Train: m.Counts.Splits[data.Train], Test: m.Counts.Splits[data.Test], Stored: v}
	for _, n := range m.Counts.Dropped {
		found.Dropped += n
	}
	env.found(found)
	return nil
}

// sources finds the source that reads each place, and allows private addresses if
// requested.
func (a DataAdd) sources() (all []registry.Choice[data.Source], err error) {
	places := a.Sources
	if len(places) == 0 {
		places = []Set{Set(a.Name)}
	}
	for _, p := range places {
		s, err := data.Resolve(string(p))
		if err != nil {
			return nil, err
		}
		for _, f := range registry.Fields(reflect.ValueOf(s.Value)) {
			if f.Name == "allow_private" && a.AllowPrivate {
				f.Value.SetBool(true)
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// introduce prints the licence and attribution of well-known sets before they are used.
func introduce(env *Env, sources []registry.Choice[data.Source]) error {
	for _, s := range sources {
		set, ok := s.Value.(*cards.Set)
		if !ok {
			continue
		}
		card, err := set.Card()
		if err != nil {
			return err
		}
		env.notice(card.Name + ": " + card.Title)
		env.notice("licence: " + strings.TrimSpace(cmp.Or(card.Licence, "not clear;")+" "+card.Rights))
		env.notice("attribution: " + cmp.Or(card.Attribution, "none required"))
	}
	return nil
}
