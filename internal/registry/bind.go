package registry

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Bind fills in the settings of the struct that v points to. Settings that the file does not
// mention keep their values. A table with a use starts from the defaults of that choice; one
// without continues from the current choice.
//
// The first setting of the file that is unknown, of another type or invalid is an [*Error].
func (f *File) Bind(v any) error { return f.table("", f.tree, reflect.ValueOf(v).Elem(), nil) }

// table binds a table to a struct. of is the choice to which the settings belong, if any.
func (f *File) table(path string, tree map[string]any, v reflect.Value, of chooser) error {
	fields := Fields(v)
	for _, key := range f.inOrder(path, tree) {
		s := find(fields, key)
		if s == nil || s.Name != key && tree[s.Name] != nil {
			return f.wrong(join(path, key), "%s", unknown(path, key, fieldNames(fields), of))
		}
		if err := f.value(join(path, key), tree[key], s.Value); err != nil {
			return err
		}
	}
	for _, s := range fields {
		if c := asChooser(s.Value); c != nil && !s.Optional {
			if name, _ := c.chosen(); name == "" {
				return f.wrong(path, "no %s is chosen; want %s = {use = \"...\"}; %s", c.kind(), join(path, s.Name), Suggest("", c.names()))
			}
		}
	}
	return f.check(path, v)
}

// unknown reports an unknown setting, and where a setting of that name exists.
func unknown(path, key string, known []string, of chooser) string {
	if of == nil {
		what := ""
		if path != "" {
			what = " of " + path
		}
		return fmt.Sprintf("no setting %q%s; %s", key, what, Suggest(key, known))
	}
	name, _ := of.chosen()
	hint := Suggest(key, known)
	if others := having(key, of); len(others) > 0 && !strings.HasPrefix(hint, didYouMean) {
		hint = fmt.Sprintf("%s=%s has it", join(path, useKey), strings.Join(others, ", or "))
	}
	return fmt.Sprintf("no setting %q of %s %q; %s", key, of.kind(), name, hint)
}

// having names the choices that have a setting.
func having(key string, like chooser) (names []string) {
	for _, name := range like.names() {
		other := reflect.New(reflect.TypeOf(like).Elem()).Interface().(chooser)
		if other.choose(name) != nil {
			continue
		}
		_, v := other.chosen()
		if slices.Contains(fieldNames(Fields(pointed(v))), key) {
			names = append(names, name)
		}
	}
	return names
}

func (f *File) check(path string, v reflect.Value) error {
	err := checked(v)
	var u *unfit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &u):
		key := join(path, u.key)
		return f.wrong(key, "%s: %s", key, u.message)
	case path == "":
		return f.wrong(path, "%v", err)
	}
	return f.wrong(path, "%s: %v", path, err)
}

// inOrder returns the keys of a table in file order, use first and arguments last.
func (f *File) inOrder(path string, tree map[string]any) []string {
	line := func(key string) int {
		origin := f.origin(join(path, key))
		n, err := strconv.Atoi(origin[strings.LastIndexByte(origin, ':')+1:])
		switch {
		case key == useKey:
			return -1
		case err != nil || strings.HasPrefix(origin, "argument "):
			return MaxFile + 2
		}
		return n
	}
	return slices.SortedFunc(maps.Keys(tree), func(a, b string) int {
		return cmp.Or(cmp.Compare(line(a), line(b)), cmp.Compare(a, b))
	})
}

func fieldNames(fields []Field) []string {
	names := make([]string, len(fields))
	for i, s := range fields {
		names[i] = s.Name
	}
	return names
}

// value binds one value of whatever kind.
func (f *File) value(path string, x any, v reflect.Value) error {
	if c := asChooser(v); c != nil {
		return f.choice(path, x, c)
	}
	if v.Type() == durationType {
		return f.scalar(path, x, v)
	}
	switch v.Kind() {
	case reflect.Struct:
		tree, ok := x.(map[string]any)
		if !ok {
			return f.mistyped(path, "a table", x)
		}
		return f.table(path, tree, v, nil)
	case reflect.Slice:
		return f.slice(path, x, v)
	case reflect.Map:
		return f.mapping(path, x, v)
	}
	return f.scalar(path, x, v)
}

func (f *File) choice(path string, x any, c chooser) error {
	tree, ok := x.(map[string]any)
	if !ok {
		return f.mistyped(path, `a table such as {use = "`+example(x, c.names())+`"}`, x)
	}
	use, given := tree[useKey]
	name, ok := use.(string)
	switch chosen, _ := c.chosen(); {
	case given && !ok:
		return f.mistyped(join(path, useKey), "a name", use)
	case given:
		if err := c.choose(name); err != nil {
			return f.wrong(join(path, useKey), "%v", err)
		}
	case chosen == "":
		return f.wrong(path, "%s: want use = \"...\", the name of a %s; %s", path, c.kind(), Suggest("", c.names()))
	}
	settings := maps.Clone(tree)
	delete(settings, useKey)
	_, v := c.chosen()
	return f.table(path, settings, pointed(v), c)
}

// example shows how a choice is written.
func example(x any, names []string) string {
	if s, ok := x.(string); ok && slices.Contains(names, s) {
		return s
	}
	if len(names) > 0 {
		return names[0]
	}
	return "..."
}

// pointed follows interfaces and pointers to the value with the settings.
func pointed(v reflect.Value) reflect.Value {
	for (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && !v.IsNil() {
		v = v.Elem()
	}
	return v
}
