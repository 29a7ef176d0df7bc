// Package registrytest is the contract that every entry of every registry
// keeps, whatever it is a registry of.
package registrytest

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/registry"
)

// RoundTrip checks of every entry of a registry that its settings are of kinds
// that a run file can hold, that each has a help tag and a key of its own, and that they
// survive being written to a run file and read back: the defaults, and with every
// setting changed.
func RoundTrip(t *testing.T, r registry.Index) {
	t.Helper()
	for _, name := range r.Names() {
		t.Run(name, func(t *testing.T) {
			c, err := r.Pick(name)
			if err != nil {
				t.Fatal(err)
			}
			settings := chosen(c)
			if key := registry.Ambiguous(settings.Elem().Type()); key != "" {
				t.Errorf("two settings have the key %s", key)
			}
			for _, f := range registry.Fields(settings) {
				if f.Help == "" {
					t.Errorf("%s has no help tag", f.Name)
				}
			}
			survives(t, c)
			kept := change(settings)
			survives(t, c)
			for _, key := range kept {
				alone(t, r, name, key)
			}
		})
	}
}

// alone changes one setting for which no other value is fit beside those of the others.
func alone(t *testing.T, r registry.Index, name, key string) {
	t.Helper()
	c, err := r.Pick(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range registry.Fields(chosen(c)) {
		if f.Name == key && len(newChanger(chosen(c)).setting(key, f.Value, f.Help, 0)) == 0 {
			survives(t, c)
			return
		}
	}
	t.Errorf("no other value was found for %s that is fit", key)
}

// chosen is what a pointer to a choice has chosen.
func chosen(c any) reflect.Value { return reflect.ValueOf(c).Elem().FieldByName("Value") }

// inFile is a pointer to a struct as of a run file that has nothing but a choice.
func inFile(c any) reflect.Value {
	choice := reflect.ValueOf(c).Elem()
	file := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Choice", Type: choice.Type()}}))
	file.Elem().Field(0).Set(choice)
	return file
}

func survives(t *testing.T, c any) {
	t.Helper()
	written := inFile(c)
	text, err := registry.Encode(written.Interface())
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := registry.Parse("run.toml", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	read := reflect.New(written.Elem().Type())
	// Some defaults are not fit before a person has said more.
	if err := parsed.Bind(read.Interface()); err != nil && registry.Check(chosen(c).Interface()) == nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if d := difference("", written, read); d != "" {
		t.Errorf("%s, in\n%s", d, text)
	}
	again, err := registry.Encode(read.Interface())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(text), string(again)); d != "" {
		t.Errorf("written otherwise the second time: %s", d)
	}
}
