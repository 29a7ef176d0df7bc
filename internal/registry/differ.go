package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// mostShown is how many characters of a value are shown where it differs.
const mostShown = 60

// Differences says which settings differ between two encoded files, in the order of their
// names: what each was and what it is.
func Differences(was, is []byte) ([]string, error) {
	before, err := flat(was)
	if err != nil {
		return nil, err
	}
	after, err := flat(is)
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

// flat returns the values of settings by their names.
func flat(file []byte) (map[string]string, error) {
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

// shown is a value as it is shown where it differs.
func shown(value string) string {
	if utf8.RuneCountInString(value) > mostShown {
		return string([]rune(value)[:mostShown]) + "..."
	}
	return value
}
