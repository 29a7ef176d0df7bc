package page

import (
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/model/brought"
	"atelier/server"
)

// A field is an input of an app as a form shows it.
type field struct {
	Name, Label, Help string
	// Control is how it is given: text, area, number, range, check, select, file, run, runs, set,
	// sets, words, seeds, lines or class.
	Control  string
	Value    string // as text; of a file or a set, its reference as JSON
	Usual    string // the value that need not be sent
	Shown    string // what the value is called
	Checked  bool
	Options  []option
	Min, Max string
	Step     string
	Accept   string
	Needs    string
	Required bool
	// Words are the options of a run that are none, such as patch or the names of weights.
	Words []string
	// More says that it stands among further settings.
	More bool
	// Kind is that of its JSON: string, number, boolean, strings, numbers, reference or references.
	Kind string
}

// An option is one of several values.
type option struct {
	Value, Label string
	Chosen       bool
}

const (
	firstFields = 6   // inputs that are shown at once, besides those that every request needs
	mostRange   = 256 // steps of a slider
)

// areas are inputs of several lines.
var areas = []string{"prompt", "message", "system"}

// fieldsOf are the inputs of an app, with the values that were given.
func (p *pages) fieldsOf(r *http.Request, name string, given map[string]json.RawMessage) ([]field, error) {
	a, err := app.Apps.New(name)
	if err != nil {
		return nil, &problemError{server.Problem{Status: http.StatusNotFound, Title: http.StatusText(http.StatusNotFound), Detail: err.Error()}}
	}
	var all []field
	for i, in := range app.Inputs(a) {
		f := field{Name: in.Name, Label: labelOf(in), Help: helpOf(in.Help), Required: in.Argument() != "" && in.Instead(a) == nil, Accept: in.Tag.Get("accept"), Needs: in.Needs()}
		f.Min, f.Max = in.Tag.Get("min"), in.Tag.Get("max")
		f.control(in)
		if err := p.fill(r, &f, in); err != nil {
			return nil, err
		}
		f.set(given[in.Name])
		f.More = i >= firstFields && !f.Required && !slices.Contains([]string{"file", "files", "run"}, f.Control) || in.Name == "format"
		all = append(all, f)
	}
	return all, nil
}

// control chooses how an input is given.
func (f *field) control(in app.Input) {
	usual := in.Usual
	_, several := in.Files()
	f.Value, f.Usual = in.Words(), in.Words()
	switch {
	case len(in.Choices()) > 0:
		f.Control, f.Kind = "select", "string"
		if usual.String() == "" {
			f.Options = append(f.Options, option{"", "automatic", true})
		}
		for _, c := range in.Choices() {
			f.Options = append(f.Options, option{c, c, c == usual.String()})
		}
	case several:
		f.Control, f.Kind, f.Value = "files", "reference", ""
	case in.File() != nil:
		f.Control, f.Kind, f.Value = "file", "reference", ""
	case in.IsModel():
		f.Control, f.Kind = "run", "string"
	case in.Type() == "runs":
		f.Control, f.Kind = "runs", "strings"
	case in.Type() == "set" || in.Type() == "sets":
		f.Control, f.Kind = in.Type(), map[string]string{"set": "reference", "sets": "references"}[in.Type()]
	case in.IsClass():
		f.Control, f.Kind = "class", map[bool]string{true: "strings", false: "string"}[usual.Kind() == reflect.Slice]
	case in.Type() == "strings":
		f.Control, f.Kind = "lines", "strings"
	case in.Type() == "seeds":
		f.Control, f.Kind = "seeds", "numbers"
	case usual.Kind() == reflect.Slice:
		f.Control, f.Kind = "words", "strings"
	case usual.Kind() == reflect.Bool:
		f.Control, f.Kind, f.Checked = "check", "boolean", usual.Bool()
	case in.Type() == "duration" || usual.Kind() == reflect.String:
		f.Control, f.Kind = "text", "string"
		if slices.Contains(areas, in.Name) {
			f.Control = "area"
		}
	default:
		f.number(in)
	}
}

// number is a slider where the range is short, and else a box.
func (f *field) number(in app.Input) {
	f.Control, f.Kind, f.Step = "number", "number", "1"
	low, noLow := strconv.ParseFloat(f.Min, 64)
	high, noHigh := strconv.ParseFloat(f.Max, 64)
	if in.Usual.Kind() == reflect.Float64 {
		f.Step = "any"
	}
	if noLow != nil || noHigh != nil || high-low > mostRange {
		return
	}
	f.Control = "range"
	if in.Usual.Kind() == reflect.Float64 {
		f.Step = strconv.FormatFloat(math.Pow(10, math.Floor(math.Log10((high-low)/20))), 'f', -1, 64)
	}
	if usual, err := strconv.ParseFloat(f.Value, 64); err == nil {
		low, high = min(low, usual), max(high, usual) // 0 can mean: as the program sees fit
		f.Min, f.Max = strconv.FormatFloat(low, 'f', -1, 64), strconv.FormatFloat(high, 'f', -1, 64)
	}
}

// fill finds what can be chosen.
func (p *pages) fill(r *http.Request, f *field, in app.Input) error {
	switch f.Control {
	case "run", "runs":
		var page server.RunPage
		path := "/runs"
		if f.Needs != "" {
			path += "?can=" + f.Needs
		}
		if err := p.get(r, path, &page); err != nil {
			return err
		}
		for _, w := range in.Besides() {
			if w == app.RemoteModel && !p.asksServers() {
				continue
			}
			f.Options = append(f.Options, option{Value: w, Label: w})
		}
		if words := in.Besides(); f.Needs == "writes" && (len(words) == 0 || slices.Contains(words, brought.BuiltIn)) {
			store := brought.NewStore(p.server.Workshop().Studio.Home)
			for _, w := range append(store.Names(), brought.BuiltIn) {
				if !slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == w }) {
					f.Options = append(f.Options, option{Value: w, Label: w})
				}
			}
		}
		for _, o := range f.Options {
			f.Words = append(f.Words, o.Value)
		}
		for i := len(page.Runs) - 1; i >= 0; i-- { // the newest first
			f.Options = append(f.Options, option{Value: page.Runs[i].Name, Label: page.Runs[i].Name})
		}
		if f.Control == "run" && !f.Required && f.Value == "" {
			f.Options = append([]option{{"", "none", true}}, f.Options...)
		}
	case "set", "sets":
		var page server.DatasetPage
		if err := p.get(r, "/datasets", &page); err != nil {
			if isMissing(err) {
				return nil
			}
			return err
		}
		for _, d := range page.Datasets {
			f.Options = append(f.Options, option{Value: d.Name, Label: d.Name})
		}
		f.Options = slices.CompactFunc(f.Options, func(a, b option) bool { return a.Value == b.Value })
	}
	f.choose()
	return nil
}

// asksServers reports that there is a server whose models can be asked.
func (p *pages) asksServers() bool {
	env := &app.Env{}
	if widen := p.server.Workshop().Widen; widen != nil {
		widen(env)
	}
	return env.Remote.Address != ""
}

// choose marks the options that are the value.
func (f *field) choose() {
	for i := range f.Options {
		o := &f.Options[i]
		o.Chosen = o.Value == f.Value || f.Kind == "strings" && slices.Contains(strings.Split(f.Value, ","), o.Value)
	}
}

// set gives the field the value of an earlier request, or of the address.
func (f *field) set(text json.RawMessage) {
	if len(text) == 0 {
		return
	}
	var word string
	var words []string
	var numbers []json.Number
	var ref map[string]string
	switch {
	case f.Kind == "references":
		return // works are chosen anew
	case f.Control == "files":
		f.Value, f.Shown = string(text), wordsOf(text)
	case f.Kind == "reference" && json.Unmarshal(text, &ref) == nil:
		f.Value, f.Shown = string(text), shownAs(ref)
	case json.Unmarshal(text, &word) == nil:
		f.Value = word
	case json.Unmarshal(text, &numbers) == nil:
		for _, n := range numbers {
			words = append(words, n.String())
		}
		f.Value = strings.Join(words, ",")
	case json.Unmarshal(text, &words) == nil:
		separator := ","
		if f.Control == "lines" {
			separator = "\n"
		}
		f.Value = strings.Join(words, separator)
	default:
		f.Value, f.Checked = string(text), string(text) == "true"
	}
	f.choose()
}

// shownAs is what a reference to a file is called.
func shownAs(ref map[string]string) string {
	switch {
	case ref["result"] != "":
		_, name, _ := strings.Cut(ref["result"], "/")
		return name
	case ref["file"] != "":
		return ref["file"]
	}
	for _, key := range []string{"name", "share", "item", "upload"} {
		if ref[key] != "" {
			return ref[key]
		}
	}
	return ""
}

// givenIn are the inputs in an address: ?run=NAME, or ?picture=JOB/NAME for a result.
func givenIn(r *http.Request, name string) map[string]json.RawMessage {
	given := map[string]json.RawMessage{}
	a, err := app.Apps.New(name)
	if err != nil {
		return given
	}
	for _, in := range app.Inputs(a) {
		text := r.URL.Query().Get(in.Name)
		if text == "" {
			continue
		}
		var v any = text
		if in.File() != nil {
			v = map[string]string{"result": text}
		}
		if _, several := in.Files(); several {
			v = []map[string]string{{"result": text}}
		}
		given[in.Name], _ = json.Marshal(v) // words: it does not fail
	}
	return given
}
