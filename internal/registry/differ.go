package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// mostShown is the number of characters shown of a value that differs.
const mostShown = 60

// Differences lists the settings that differ between two encoded files, sorted by name, with the
// old and new values.
func Differences(was, is []byte) ([]string, error) {
	before, err := Flat(was)
	if err != nil {
		return nil, err
	}
	after, err := Flat(is)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b, there := before[name]
		a, here := after[name]
		switch {
		case !there:
			out = append(out, fmt.Sprintf("%s was not set and is %s", name, shown(a)))
		case !here:
			out = append(out, fmt.Sprintf("%s was %s and is not set", name, shown(b)))
		case a != b:
			out = append(out, fmt.Sprintf("%s was %s and is %s", name, shown(b), shown(a)))
		}
	}
	return out, nil
}

// Flat returns the values of settings by their names, such as model.loss.use, as JSON.
func Flat(file []byte) (map[string]string, error) {
	tree, out := map[string]any{}, map[string]string{}
	if err := toml.Unmarshal(file, &tree); err != nil {
		return nil, err
	}
	flatten("", tree, out)
	return out, nil
}

func flatten(path string, v any, into map[string]string) {
	if table, ok := v.(map[string]any); ok {
		for key, inner := range table {
			flatten(join(path, key), inner, into)
		}
		return
	}
	text, err := json.Marshal(v)
	if err != nil { // JSON has no NaN and no infinity
		text = fmt.Append(nil, v)
	}
	into[path] = string(text)
}

// shown is a value as displayed in a difference.
func shown(value string) string {
	if utf8.RuneCountInString(value) > mostShown {
		return string([]rune(value)[:mostShown]) + "..."
	}
	return value
}
