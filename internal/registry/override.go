package registry

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/pattern"
)

// A step is one step of an argument's path: a key, and perhaps an index.
var step = pattern.New(`^([A-Za-z0-9_-]+)(?:\[(\d{1,4})\])?$`)

// Override applies an argument such as steps=8000, model.loss.use=lsgan or
// model.penalty[0].gamma=2. The value is TOML; a bare word is a string, and a string setting
// accepts anything unquoted as it is.
//
// A different use for a table drops the settings that the file gives for the previous one, since
// they belong to it; settings given by arguments stay.
func (f *File) Override(arg string) error {
	origin := "argument " + strconv.Quote(arg)
	fail := func(format string, args ...any) error { return &Error{origin, fmt.Sprintf(format, args...)} }
	path, text, ok := strings.Cut(arg, "=")
	if !ok {
		return fail("want key=value, such as steps=8000")
	}
	path, text = strings.TrimSpace(path), strings.TrimSpace(text)
	value, err := parseValue(text)
	broken := err != nil && text != "" && strings.ContainsAny(text[:1], "[{") && len(text) <= MaxFile
	if text == "" {
		return fail(`want a value after the =; %s="" is an empty text`, path)
	}
	if err != nil && !broken {
		return fail("%s", plain(err))
	}
	word := argument{text: text}
	if broken { // unless a string is wanted
		value, word.err = text, err
	}
	table, last := f.tree, path
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		last = path[at+1:]
		if table, err = f.descend(path[:at]); err != nil {
			return fail("%v", err)
		}
	}
	m := step().FindStringSubmatch(last)
	if m == nil || m[2] != "" {
		return fail("want a key such as model.loss.use before the =, got %q", path)
	}
	if last == useKey && table[useKey] != value {
		f.forget(table, strings.TrimSuffix(path, "."+useKey))
	}
	table[last] = value
	maps.DeleteFunc(f.origins, func(p, _ string) bool { return below(p, path) })
	maps.DeleteFunc(f.arguments, func(p string, _ argument) bool { return below(p, path) })
	f.origins[path], f.arguments[path] = origin, word
	return nil
}

// An argument is the value given for a key, as typed, and why it is invalid TOML.
type argument struct {
	text string
	err  error
}

// parseValue parses a TOML value, or a bare word as a string.
func parseValue(text string) (any, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("want at most %d KiB", MaxFile>>10)
	}
	var doc map[string]any
	err := toml.Unmarshal([]byte("v = "+text), &doc)
	if err == nil && len(doc) == 1 {
		return doc["v"], nil
	}
	if text == "" || strings.ContainsAny(text[:1], "[{\"'") || strings.Contains(text, "\n") {
		if err == nil {
			err = fmt.Errorf("want one value")
		}
		return nil, err
	}
	return text, nil
}

// descend returns the table at a path, creating missing ones.
func (f *File) descend(path string) (map[string]any, error) {
	table, done := f.tree, ""
	for key := range strings.SplitSeq(path, ".") {
		m := step().FindStringSubmatch(key)
		if m == nil {
			return nil, fmt.Errorf("want a key such as model.loss.use before the =, got %q", path)
		}
		done = join(done, key)
		if table[m[1]] == nil && m[2] == "" {
			table[m[1]] = map[string]any{}
		}
		value := table[m[1]]
		if m[2] != "" {
			i, _ := strconv.Atoi(m[2])
			list, _ := value.([]any)
			if i >= len(list) {
				return nil, fmt.Errorf("there is no %s in %s", done, f.name)
			}
			value = list[i]
		}
		next, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is not a table in %s", done, f.name)
		}
		table = next
	}
	return table, nil
}

// forget drops what the file, but not an argument, sets in the table at the path.
func (f *File) forget(table map[string]any, path string) {
	maps.DeleteFunc(table, func(key string, v any) bool {
		here := join(path, key)
		if sub, ok := v.(map[string]any); ok {
			f.forget(sub, here)
			if len(sub) > 0 {
				return false
			}
		} else if strings.HasPrefix(f.origin(here), "argument ") {
			return false
		}
		maps.DeleteFunc(f.origins, func(p, _ string) bool { return below(p, here) })
		return true
	})
}

// below reports whether a path equals the given one or is below it.
func below(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
