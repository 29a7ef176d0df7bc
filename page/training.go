package page

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"atelier/app"
	"atelier/data/store"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/server"
)

// A trainForm is the page on which a training begins.
type trainForm struct {
	Recipes  []recipeEntry
	First    []recipeEntry
	Datasets []datasetChoice
	Settings []setting
	// Others are settings without a field of their own, a line each.
	Others string
	// From says what is chosen: recipe:NAME or set:NAME.
	From  string
	Job   *jobShown
	Files map[string]string // the recipe for works of a kind
}

// A recipeEntry is a recipe that brings its data along.
type recipeEntry struct{ Name, Doc string }

// firstRecipes are those that stand before the others.
var firstRecipes = []string{"fashion", "emoji", "shakespeare"}

// A datasetChoice is a dataset with the recipe that suits its works.
type datasetChoice struct {
	Ref, Recipe string
	Items       int
	Kind        string
	// Settings are those that make the recipe learn from it.
	Settings []string
}

// A setting is one of those that every run has.
type setting struct{ Key, Label, Help, Usual, Value, Kind string }

// formSettings are the settings that have fields of their own.
var formSettings = []string{"steps", "batch", "seed", "pictures", "save", "limit", "name"}

// recipesFor are the recipes for works by how their media types begin.
var recipesFor = []struct{ begins, recipe, kind string }{
	{"image/", "pictures", "pictures"}, {"audio/midi", "tunes", "music"}, {"text/vnd.abc", "tunes", "music"}, {"text/", "shakespeare", "texts"},
}

func (p *pages) train(r *http.Request) (content, error) {
	f := trainForm{}
	var all []server.NamedDoc
	if err := p.get(r, "/recipes", &all); err != nil {
		return content{}, err
	}
	for _, one := range all {
		if c, err := app.ConfigOf(one.Name, app.File{}, nil); err == nil && c.Data.Use != "folder" {
			f.Recipes = append(f.Recipes, recipeEntry(one))
		}
	}
	for _, name := range firstRecipes {
		i := slices.IndexFunc(f.Recipes, func(e recipeEntry) bool { return e.Name == name })
		if i >= 0 {
			f.First = append(f.First, f.Recipes[i])
			f.Recipes = slices.Delete(f.Recipes, i, i+1)
		}
	}
	var err error
	if f.Datasets, err = p.choices(r); err != nil {
		return content{}, err
	}
	f.Settings = settings()
	f.From = "recipe:fashion"
	if set := r.URL.Query().Get("set"); set != "" {
		f.From = "set:" + set
	}
	if name := r.URL.Query().Get("recipe"); name != "" {
		f.From = "recipe:" + name
	}
	if id := r.URL.Query().Get("job"); id != "" {
		j, err := p.jobOf(r, id)
		if err != nil {
			return content{}, err
		}
		if f.Job, err = p.shown(r, j); err != nil {
			return content{}, err
		}
		if err := f.given(j.Inputs); err != nil {
			return content{}, err
		}
	}
	return content{template: "train", here: "train", title: "Train", data: f}, nil
}

// given fills the form with an earlier request.
func (f *trainForm) given(inputs json.RawMessage) error {
	var in struct {
		Recipe   string   `json:"recipe"`
		Settings []string `json:"settings"`
	}
	if err := json.Unmarshal(inputs, &in); err != nil {
		return err
	}
	f.From = "recipe:" + in.Recipe
	var others []string
	for _, s := range in.Settings {
		key, value, _ := strings.Cut(s, "=")
		known := false
		for i := range f.Settings {
			if f.Settings[i].Key == key {
				f.Settings[i].Value, known = value, true
			}
		}
		if set, ok := strings.CutPrefix(s, `data={use="stored", name="`); ok {
			f.From, known = "set:"+strings.TrimSuffix(set, `"}`), true
		}
		if !known {
			others = append(others, s)
		}
	}
	f.Others = strings.Join(others, "\n")
	return nil
}

// settings are the settings with fields of their own, with the line that the run file has for
// each.
func settings() []setting {
	var all []setting
	fields := registry.Fields(reflect.ValueOf(run.Defaults()))
	for _, key := range formSettings {
		for _, f := range fields {
			if f.Name == key {
				s := setting{Key: key, Label: titleOf(key), Help: helpOf(f.Help), Kind: "number"}
				if f.Value.Kind() == reflect.String {
					s.Kind = "text"
				}
				all = append(all, s)
			}
		}
	}
	return all
}

// choices are the datasets that something can be learned from.
func (p *pages) choices(r *http.Request) (all []datasetChoice, err error) {
	var page server.DatasetPage
	if err := p.get(r, "/datasets", &page); err != nil {
		if isMissing(err) {
			return nil, nil
		}
		return nil, err
	}
	newest := map[string]bool{}
	for i := len(page.Datasets) - 1; i >= 0; i-- {
		e := page.Datasets[i]
		if newest[e.Name] {
			continue
		}
		newest[e.Name] = true
		var m store.Manifest
		if err := p.get(r, "/datasets/"+segment(e.Name), &m); err != nil {
			continue // a damaged one: its page says so
		}
		if c, ok := choiceOf(e, &m); ok {
			all = append(all, c)
		}
	}
	return all, nil
}

// choiceOf finds the recipe that suits most works of a dataset.
func choiceOf(e server.DatasetEntry, m *store.Manifest) (c datasetChoice, ok bool) {
	most := 0
	for _, of := range recipesFor {
		n := 0
		for kind, count := range m.Counts.MediaTypes {
			if strings.HasPrefix(kind, of.begins) {
				n += count
			}
		}
		if n > most {
			most = n
			c = datasetChoice{Ref: e.Name, Recipe: of.recipe, Items: e.Items, Kind: of.kind}
		}
	}
	if most == 0 {
		return c, false
	}
	c.Settings = []string{`data={use="stored", name="` + e.Name + `"}`, "name=" + e.Name}
	return c, true
}
