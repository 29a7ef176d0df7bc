package registry

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A Field is one setting of a struct.
type Field struct {
	// Name is the key: the toml tag, or the Go name in snake_case.
	Name string
	// Help is the help tag.
	Help string
	// Tag is the whole tag, for use by front ends.
	Tag reflect.StructTag
	// Optional says that a [Choice] may be empty: `toml:"init,optional"`.
	Optional bool
	// Former is the former key of the setting, which is still read unless another setting has that
	// key now: `was:"path"`.
	Former string
	// Value is the field itself; it is settable if the struct is.
	Value reflect.Value
}

// Fields returns the settings of a struct, or of a pointer to one, in order: its exported fields,
// including those of embedded structs, except those tagged `toml:"-"`. Anything but a struct has no
// settings.
func Fields(v reflect.Value) []Field {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	places, known := placesIn.Load(v.Type())
	if !known {
		places, _ = placesIn.LoadOrStore(v.Type(), placesOf(v.Type(), nil))
	}
	fields := slices.Grow([]Field(nil), len(places.([]place)))
	for _, p := range places.([]place) {
		p.Value = v.FieldByIndex(p.index)
		fields = append(fields, p.Field)
	}
	return fields
}

// A place is a field without its value, and where that is in a struct.
type place struct {
	Field
	index []int
}

// placesIn are the places of a type, []place by [reflect.Type]: reading tags takes longer than all
// else.
var placesIn sync.Map

// placesOf are the places of a type that lies within another one.
func placesOf(t reflect.Type, within []int) (all []place) {
	for i := range t.NumField() {
		sf, index := t.Field(i), append(slices.Clone(within), i)
		name, option, _ := strings.Cut(sf.Tag.Get("toml"), ",")
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			all = append(all, placesOf(sf.Type, index)...)
		case sf.IsExported() && name != "-":
			if name == "" {
				name = snake(sf.Name)
			}
			all = append(all, place{Field{Name: name, Help: sf.Tag.Get("help"), Tag: sf.Tag, Optional: option == "optional", Former: sf.Tag.Get("was")}, index})
		}
	}
	return all
}

// Text returns the value as in a run file, on one line; for a choice, its name, empty if nothing is
// chosen.
func (f Field) Text() string {
	v := addressable(f.Value)
	if c := asChooser(v); c != nil {
		name, _ := c.chosen()
		return name
	}
	var e encoder
	return e.inline(f.Name, v, false)
}

// Ambiguous returns a key that two settings of a type share, or that collides with the name of the
// choice itself; empty if there is none. It includes tables among the settings, but not the
// settings of choices.
func Ambiguous(t reflect.Type) string { return ambiguous(t, nil) }

func ambiguous(t reflect.Type, seen []reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	v := reflect.New(t)
	if _, choice := v.Interface().(chooser); choice || slices.Contains(seen, t) {
		return ""
	}
	keys := map[string]bool{useKey: len(seen) == 0}
	for _, f := range Fields(v) {
		if keys[f.Name] {
			return f.Name
		}
		keys[f.Name] = true
		if inner := ambiguous(f.Value.Type(), append(seen, t)); inner != "" {
			return join(f.Name, inner)
		}
	}
	return ""
}

// find returns the setting for a key of a file; nil if there is none.
func find(fields []Field, key string) *Field {
	for _, means := range []func(Field) bool{
		func(f Field) bool { return f.Name == key },
		func(f Field) bool { return f.Former == key },
	} {
		if i := slices.IndexFunc(fields, means); i >= 0 {
			return &fields[i]
		}
	}
	return nil
}

// snake converts a Go name to snake_case: NCritic becomes n_critic, R1Gamma r1_gamma.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			ends := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(runes[i-1]) || ends {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// A chooser is a pointer to a [Choice] of any type.
type chooser interface {
	kind() string
	names() []string
	choose(name string) error
	chosen() (name string, settings reflect.Value)
}

func (c *Choice[T]) kind() string    { return of[T]().Kind() }
func (c *Choice[T]) names() []string { return of[T]().Names() }

func (c *Choice[T]) choose(name string) error {
	v, err := of[T]().New(name)
	if err == nil {
		*c = Choice[T]{Use: name, Value: v}
	}
	return err
}

func (c *Choice[T]) chosen() (string, reflect.Value) {
	return c.Use, reflect.ValueOf(&c.Value).Elem()
}

// asChooser returns the choice in a value, nil if it is none.
func asChooser(v reflect.Value) chooser {
	if !v.CanAddr() {
		return nil
	}
	c, _ := v.Addr().Interface().(chooser)
	return c
}
