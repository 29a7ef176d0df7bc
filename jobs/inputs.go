package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// A FieldError says which input of a request is wrong, and why.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string {
	if strings.HasPrefix(e.Err.Error(), e.Field+": ") {
		return e.Err.Error()
	}
	return e.Field + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

// A Reference names a file that the server has, or brings a small one along. One of its keys is
// given.
type Reference struct {
	// Upload is the id of an upload, a file or a folder of them; File is one of its files.
	Upload string `json:"upload,omitempty"`
	File   string `json:"file,omitempty"`
	// Result is JOB/NAME, an output of a job.
	Result string `json:"result,omitempty"`
	// Item is NAME@VERSION/SHA256, an Item of a dataset.
	Item string `json:"item,omitempty"`
	// Share is a path below a folder that the server shares, SHARE/PATH.
	Share string `json:"share,omitempty"`
	// Bytes are those of a small file, in base64, and Name what it is called.
	Bytes []byte `json:"bytes,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Files finds what references name.
type Files interface {
	// File reads a file.
	File(r Reference) (app.File, error)
	// Place is the path of a file or a folder.
	Place(r Reference) (string, error)
}

// Rights say what a request may name.
type Rights struct {
	// Wide allows paths of this machine, addresses and settings that are such.
	Wide bool
	// Known reports whether a word names a run or weights that are kept.
	Known func(model string) bool
	// Dataset reports whether a word names a dataset, or a well-known set.
	Dataset func(ref string) bool
}

// Bind makes an app of its inputs as JSON, an object with the names of [app.Inputs]. A file is a
// [Reference]; a set is one, or the name of a dataset. The error is a [*FieldError] where an
// input is wrong.
func Bind(name string, inputs []byte, files Files, may Rights) (app.App, error) {
	a, err := app.Apps.New(name)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	given, err := object(inputs)
	if err != nil {
		return nil, err
	}
	all := app.Inputs(a)
	for key := range given {
		if !slices.ContainsFunc(all, func(in app.Input) bool { return in.Name == key }) {
			var names []string
			for _, in := range all {
				names = append(names, in.Name)
			}
			return nil, &FieldError{key, badinput.Errorf("%s has no such input; %s", name, registry.Suggest(key, names))}
		}
	}
	b := binder{files, may}
	for _, in := range all {
		text, ok := given[in.Name]
		if !ok || string(text) == "null" {
			if in.Argument() != "" && in.Instead(a) == nil {
				return nil, &FieldError{in.Name, badinput.Errorf("want %s", app.Want(in.Type()))}
			}
			continue
		}
		if err := b.set(in, text); err != nil {
			return nil, &FieldError{in.Name, badinput.Mark(err)}
		}
	}
	if err := b.settings(a); err != nil {
		return nil, err
	}
	return a, nil
}

// object reads a JSON object whose keys are given once, each with the text of its value.
func object(text []byte) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	first, err := d.Token()
	if err != nil || first != json.Delim('{') {
		return nil, badinput.Errorf("the inputs are not a JSON object")
	}
	given := map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, badinput.Mark(badinput.JSON(err))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, badinput.Mark(badinput.JSON(err))
		}
		name := key.(string) // or the decoder would have refused it
		if _, twice := given[name]; twice {
			return nil, &FieldError{name, badinput.Errorf("it is given twice")}
		}
		given[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, badinput.Mark(badinput.JSON(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, badinput.Errorf("the inputs are followed by something else")
	}
	return given, nil
}

// A binder sets inputs.
type binder struct {
	files Files
	may   Rights
}

// set sets an input to a JSON value.
func (b binder) set(in app.Input, text json.RawMessage) error {
	_, several := in.Files()
	switch {
	case several:
		return b.several(in, text)
	case in.File() != nil:
		r, err := reference(text)
		if err != nil {
			return err
		}
		f, err := b.files.File(r)
		if err == nil {
			in.Value.Set(reflect.ValueOf(f))
		}
		return err
	case in.Type() == "set":
		place, err := b.place(text)
		if err == nil {
			in.Value.SetString(place)
		}
		return err
	case in.Type() == "sets":
		return each(in, text, b.place)
	case in.Type() == "runs":
		return each(in, text, b.model(in))
	case in.IsModel():
		word, err := b.model(in)(text)
		if err == nil {
			in.Value.SetString(word)
		}
		return err
	}
	return plain(in, text)
}

// several sets an input that takes several files.
func (b binder) several(in app.Input, text json.RawMessage) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return badinput.JSON(err)
	}
	all := make(app.Files, len(parts))
	for i, p := range parts {
		r, err := reference(p)
		if err == nil {
			all[i], err = b.files.File(r)
		}
		if err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	in.Value.Set(reflect.ValueOf(all))
	return nil
}

// each sets a list, element by element.
func each(in app.Input, text json.RawMessage, read func(json.RawMessage) (string, error)) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return badinput.JSON(err)
	}
	all := reflect.MakeSlice(in.Value.Type(), len(parts), len(parts))
	for i, p := range parts {
		word, err := read(p)
		if err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
		all.Index(i).SetString(word)
	}
	in.Value.Set(all)
	return nil
}

// plain sets an input that is a word, a number, or a list of such.
func plain(in app.Input, text json.RawMessage) error {
	if in.Type() == "duration" {
		var word string
		if err := json.Unmarshal(text, &word); err != nil {
			return badinput.JSON(err)
		}
		if err := in.Set(word, false); err != nil {
			return badinput.Errorf("want %s, got %q", app.Want(in.Type()), word)
		}
		return nil
	}
	v := reflect.New(in.Value.Type())
	if err := json.Unmarshal(text, v.Interface()); err != nil {
		return badinput.JSON(err)
	}
	in.Value.Set(v.Elem())
	return nil
}

// reference reads a reference.
func reference(text json.RawMessage) (r Reference, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, badinput.Errorf(`want {"upload": ID}, {"result": "JOB/NAME"}, {"item": "NAME@VERSION/SHA256"}, {"share": "SHARE/PATH"} or {"name": NAME, "bytes": BASE64}: %w`, badinput.JSON(err))
	}
	given := 0
	for _, is := range []bool{r.Upload != "", r.Result != "", r.Item != "", r.Share != "", r.Bytes != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return r, badinput.Errorf("want one of upload, result, item, share and bytes, got %d of them", given)
	}
	return r, nil
}

// place reads a set: a reference to files, the name of a dataset, or, where that is allowed, a
// path or an address.
func (b binder) place(text json.RawMessage) (string, error) {
	var word string
	if json.Unmarshal(text, &word) != nil {
		r, err := reference(text)
		if err != nil {
			return "", err
		}
		if r.Bytes != nil || r.Item != "" {
			return "", badinput.Errorf("want an upload, a result or a share: a folder or an archive")
		}
		return b.files.Place(r)
	}
	if word == "" || b.may.Wide || b.may.Dataset != nil && b.may.Dataset(word) {
		return word, nil
	}
	return "", badinput.Errorf("%q is no dataset; paths and addresses need a token of scope admin, or a folder that the server shares", word)
}
