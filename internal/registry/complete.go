package registry

import (
	"reflect"
	"slices"
	"strings"
)

// Complete returns completions of a partial argument key=value, for the settings of the struct that
// v points to: the keys of a table up to the = or, if they hold more settings, up to the dot; after
// the =, the values of a choice or a boolean.
func Complete(v any, begun string) []string {
	key, _, valued := strings.Cut(begun, "=")
	table := key[:max(0, strings.LastIndexByte(key, '.'))]
	fields := Fields(reflect.ValueOf(v))
	for step := range strings.SplitSeq(table, ".") {
		if table == "" {
			break
		}
		s := find(fields, step)
		if s == nil {
			return nil
		}
		fields = settingsBelow(*s)
	}
	var found []string
	for _, s := range fields {
		switch here := join(table, s.Name); {
		case valued && here == key:
			for _, value := range valuesOf(s) {
				found = append(found, here+"="+value)
			}
		case valued:
		case len(settingsBelow(s)) > 0:
			found = append(found, here+".")
		default:
			found = append(found, here+"=")
		}
	}
	return slices.DeleteFunc(found, func(s string) bool { return !strings.HasPrefix(s, begun) })
}

// A useSetting stands for the use of a choice.
type useSetting struct{ names []string }

// settingsBelow are the settings of a table or a choice, empty for anything else.
func settingsBelow(s Field) []Field {
	switch c := asChooser(s.Value); {
	case s.Value.Type() == reflect.TypeFor[useSetting](), s.Value.Kind() != reflect.Struct:
		return nil
	case c != nil:
		_, chosen := c.chosen()
		use := Field{Name: useKey, Value: reflect.ValueOf(useSetting{c.names()})}
		return append([]Field{use}, Fields(chosen)...)
	}
	return Fields(s.Value)
}

// valuesOf are the possible values of a setting, if they are few.
func valuesOf(s Field) []string {
	if use, ok := s.Value.Interface().(useSetting); ok {
		return use.names
	}
	if s.Value.Kind() == reflect.Bool {
		return []string{"true", "false"}
	}
	return nil
}
