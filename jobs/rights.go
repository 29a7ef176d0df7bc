package jobs

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

// narrow are the sources of examples that name nothing of the machine.
var narrow = []string{"starter", "stored", "card", "grid", "rings"}

// refused is the end of what is said of a setting that reaches for the machine.
const refused = "names a place of this machine or an address, which needs a token of scope admin; upload the works, or make a dataset of them"

// model reads the name of a run, of weights, or one of the other words of the input.
func (b binder) model(in app.Input) func(json.RawMessage) (string, error) {
	return func(text json.RawMessage) (string, error) {
		var word string
		if err := json.Unmarshal(text, &word); err != nil {
			return "", badinput.JSON(err)
		}
		distant, _, _ := strings.Cut(word, ":")
		switch {
		case distant == app.RemoteModel && slices.Contains(in.Besides(), distant) && !b.may.Wide:
			return "", badinput.Errorf("a model at a server needs a token of scope admin")
		case word == "" || b.may.Wide || slices.Contains(in.Besides(), word):
			return word, nil
		case b.may.Known != nil && b.may.Known(word):
			return word, nil
		}
		return "", badinput.Errorf("there is no run %q; GET /api/v1/runs lists them", word)
	}
}

// settings refuses run files, single settings and names of weights that reach beyond what the
// token may.
func (b binder) settings(a app.App) error {
	for _, in := range app.Inputs(a) {
		if name := in.Words(); in.Tag.Get("names") == "weights" && name != "" && !b.may.Wide && !b.may.Known(name) {
			return &FieldError{in.Name, badinput.Errorf("there are no weights %q here", name)}
		}
	}
	switch a := a.(type) {
	case *app.Train:
		if a.Resume != "" {
			return nil
		}
		return b.trains(a)
	case *app.Evaluate:
		if b.may.Wide {
			return nil
		}
		_, unknown := recipes.Read(a.As)
		if a.As != "" && unknown != nil && !b.may.Known(a.As) {
			return &FieldError{"as", badinput.Errorf("there is no recipe and no run %q", a.As)}
		}
		if a.AsFile.Given() {
			if c, err := app.ConfigOf("", a.AsFile, a.Settings); err == nil {
				return b.within("as_file", c, nil)
			}
		}
		return apart(a.Settings)
	}
	return nil
}

// trains checks the run file of a training.
func (b binder) trains(a *app.Train) error {
	switch {
	case a.Recipe == "" && a.Works == "" && !a.File.Given():
		return nil // which the app refuses
	case a.Works != "" && b.may.Wide:
		return nil
	case a.Works != "":
		return apart(a.Settings)
	}
	full, err := app.ConfigOf(a.Recipe, a.File, a.Settings)
	usual, unknown := app.ConfigOf(a.Recipe, app.File{}, nil)
	switch {
	case err != nil && a.File.Given():
		return &FieldError{"file", badinput.Mark(err)}
	case unknown != nil && !a.File.Given():
		return &FieldError{"recipe", badinput.Mark(unknown)}
	case err != nil:
		return &FieldError{"settings", badinput.Mark(err)}
	case b.may.Wide:
		return nil
	case a.File.Given():
		return b.within("file", full, nil)
	}
	return b.within("settings", full, usual)
}

// within checks where a run would take its examples and its weights from. What is as usual is
// allowed.
func (b binder) within(field string, c, usual *run.Config) error {
	same := usual != nil && reflect.DeepEqual(usual.Data, c.Data)
	if !same && !slices.Contains(narrow, c.Data.Use) {
		return &FieldError{field, badinput.Errorf("data.use=%s %s", c.Data.Use, refused)}
	}
	for field, v := range map[string]any{"data": c.Data.Value, "codec": c.Codec.Value} {
		if place := reaches(v); place != "" && !same {
			return &FieldError{field, badinput.Errorf("%s.%s %s", field, place, refused)}
		}
	}
	var named string
	switch init := c.Init.Value.(type) {
	case *run.RunInit:
		named = init.Name
	case *run.WeightsInit:
		named = init.Name
	}
	if named != "" && !b.may.Known(named) {
		return &FieldError{field, badinput.Errorf("init: there is no run %q, and no such weights", named)}
	}
	return nil
}

// places are the names of settings that are paths or addresses.
var places = []string{"path", "file", "folder", "cache", "mirror", "url", "address", "images", "labels", "query", "database", "source", "targets", "sources"}

// reaches names the first setting of a plug-in that is a path or an address and is set.
func reaches(plugin any) string {
	for _, f := range registry.Fields(reflect.Indirect(reflect.ValueOf(plugin))) {
		if slices.Contains(places, f.Name) && !f.Value.IsZero() {
			return f.Name
		}
	}
	return ""
}

// apart refuses single settings of where examples and weights come from.
func apart(settings []string) error {
	for _, s := range settings {
		key, _, _ := strings.Cut(s, "=")
		root, _, _ := strings.Cut(strings.TrimSpace(key), ".")
		if root = strings.Trim(root, `"' `); root == "data" || root == "init" || root == "codec" && strings.Contains(key, "file") || root == "codec" && strings.Contains(s, "{") {
			return &FieldError{"settings", badinput.Errorf("%s %s", key, refused)}
		}
	}
	return nil
}
