package registry

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A Field is one setting of a struct.
type Field struct {
	// Name is the key: the toml tag, or the Go name in snake_case.
	Name string
	// Help is the help tag.
	Help string
	// Tag is the whole tag, which may tell a front end more.
	Tag reflect.StructTag
	// Optional says that a [Choice] need not be made: `toml:"init,optional"`.
	Optional bool
	// Former is the key that the setting had once, by which it is still read unless
	// another setting has that key now: `was:"path"`.
	Former string
	// Value is the field itself; it can be set if the struct can.
	Value reflect.Value
}

// Fields returns the settings of a struct, or of a pointer to one, in their
// order: its exported fields, those of embedded structs included, without
// those tagged `toml:"-"`. What is not a struct has no settings.
func Fields(v reflect.Value) []Field {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var fields []Field
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		name, option, _ := strings.Cut(sf.Tag.Get("toml"), ",")
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			fields = append(fields, Fields(v.Field(i))...)
		case sf.IsExported() && name != "-":
			if name == "" {
				name = snake(sf.Name)
			}
			fields = append(fields, Field{name, sf.Tag.Get("help"), sf.Tag, option == "optional", sf.Tag.Get("was"), v.Field(i)})
		}
	}
	return fields
}

// ambiguous returns a key that two settings of a type have, of which a file could only
// set one, or that is the name of the choice itself; empty if there is none. The tables
// among the settings are looked at as well, but not what is chosen by them.
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

// find returns the setting that a key of a file means; nil if there is none.
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

// snake writes a Go name in snake_case: NCritic becomes n_critic, R1Gamma r1_gamma.
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

// A chooser is a pointer to a [Choice] of whatever type.
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

// asChooser returns the choice that a value is, nil if it is none.
func asChooser(v reflect.Value) chooser {
	if !v.CanAddr() {
		return nil
	}
	c, _ := v.Addr().Interface().(chooser)
	return c
}
