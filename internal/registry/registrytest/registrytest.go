// Package registrytest is the contract that every entry of every registry
// keeps, whatever it is a registry of.
package registrytest

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/registry"
)

// A file is a run file with one choice.
type file[T any] struct{ Choice registry.Choice[T] }

// RoundTrip checks of every entry of a registry that its settings are of kinds
// that a run file can hold, that each has a help tag, and that they survive
// being written to a run file and read back: the defaults, and other values.
func RoundTrip[T any](t *testing.T, r *registry.Registry[T]) {
	t.Helper()
	for e := range r.All() {
		t.Run(e.Name, func(t *testing.T) {
			for _, f := range fields(e.New()) {
				if f.Help == "" {
					t.Errorf("%s has no help tag", f.Name)
				}
			}
			survive(t, registry.Choice[T]{Use: e.Name, Value: e.New()})
			other := e.New()
			change(other)
			survive(t, registry.Choice[T]{Use: e.Name, Value: other})
		})
	}
}

func survive[T any](t *testing.T, c registry.Choice[T]) {
	t.Helper()
	text, err := registry.Encode(file[T]{c})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := registry.Parse("run.toml", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var got file[T]
	if err := parsed.Bind(&got); err != nil && check(c.Value) == nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	want, have := fields(c.Value), fields(got.Choice.Value)
	for i := range want {
		w, h := want[i].Value.Interface(), have[i].Value.Interface()
		if empty(want[i].Value) && empty(have[i].Value) {
			continue
		}
		if !reflect.DeepEqual(w, h) {
			t.Errorf("%s: wrote %v, read %v from\n%s", want[i].Name, w, h, text)
		}
	}
	again, _ := registry.Encode(got)
	if d := cmp.Diff(string(text), string(again)); d != "" {
		t.Errorf("written otherwise the second time: %s", d)
	}
}

func fields(v any) []registry.Field { return registry.Fields(reflect.ValueOf(v)) }

// empty reports whether a value is a slice or map of nothing, nil or not.
func empty(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

func check(v any) error {
	if c, ok := v.(registry.Checker); ok {
		return c.Check()
	}
	return nil
}

// change gives every plain setting another value, but for those that the
// entry then finds unfit.
func change(v any) {
	fit := check(v) == nil
	for _, f := range fields(v) {
		old := reflect.New(f.Value.Type()).Elem()
		old.Set(f.Value)
		switch x := f.Value; {
		case x.Kind() == reflect.Bool:
			x.SetBool(!x.Bool())
		case x.Kind() == reflect.String:
			x.SetString(x.String() + "é \"'\n\\")
		case x.CanInt():
			x.SetInt(x.Int() + 1)
		case x.CanUint():
			x.SetUint(x.Uint() + 1)
		case x.CanFloat():
			x.SetFloat(x.Float()*0.3 + 0.1)
		}
		if fit && check(v) != nil {
			f.Value.Set(old)
		}
	}
}
