package source

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A record is a row of a table: a line of CSV or JSON, a row of Parquet or SQL.
type record struct {
	names  []string
	values []any // string, number, bool, []byte, embedded, list of them, json.RawMessage or nil
}

// An embedded is a file inside a row, as in Hugging Face's pictures.
type embedded struct {
	bytes []byte
	path  string
}

// named returns the column names with a generated one for each empty one, such as the index column
// that pandas writes: an empty name stands for no column.
func named(names []string) []string {
	if !slices.Contains(names, "") {
		return names
	}
	out := slices.Clone(names)
	for i, n := range out {
		free := "unnamed"
		for k := 2; n == "" && slices.Contains(out, free); k++ {
			free = fmt.Sprint("unnamed ", k)
		}
		out[i] = cmp.Or(n, free)
	}
	return out
}

// value returns the value of a column, nil if there is no such column.
func (r record) value(name string) any {
	for i, n := range r.names {
		if i < len(r.values) && n == name {
			return r.values[i]
		}
	}
	return nil
}

// text is the value of a column as text: the elements of a list become lines.
func (r record) text(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	s, err := asText(r.value(name))
	if err != nil {
		return "", fmt.Errorf("column %q: %w", name, err)
	}
	return s, nil
}

func asText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case json.RawMessage:
		return textOfJSON(v)
	case []any:
		return joined(len(v), func(i int) (string, error) { return asText(v[i]) })
	case embedded:
		return "", errors.New("holds a file and no text")
	case float32:
		return textOfNumber(float64(v), fmt.Sprint(v)), nil
	case float64:
		return textOfNumber(v, fmt.Sprint(v)), nil
	}
	return fmt.Sprint(v), nil
}

func textOfJSON(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return "", nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case raw[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return "", err
		}
		return joined(len(list), func(i int) (string, error) { return turn(list[i]) })
	case raw[0] == '{':
		return turn(raw)
	}
	if x, err := strconv.ParseFloat(string(raw), 64); err == nil {
		return textOfNumber(x, string(raw)), nil
	}
	return string(raw), nil
}

// textOfNumber formats a whole number as such, so that 1 and 1.0 are one label, and any other
// number unchanged.
func textOfNumber(x float64, asItStands string) string {
	const exact = 1 << 53 // larger whole numbers may have been rounded
	if x == math.Trunc(x) && math.Abs(x) < exact {
		return strconv.FormatInt(int64(x), 10)
	}
	return asItStands
}

// turn is one of several texts: the text itself, or what a speaker of a dialogue says.
func turn(raw json.RawMessage) (string, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] == '"' {
		return textOfJSON(raw)
	}
	if raw[0] != '{' {
		if raw[0] == '[' {
			return "", errors.New("holds lists within lists; want a text or a list of texts")
		}
		return textOfJSON(raw)
	}
	var said struct{ Content, Text, Value *string }
	if err := json.Unmarshal(raw, &said); err != nil {
		return "", err
	}
	for _, s := range []*string{said.Content, said.Text, said.Value} {
		if s != nil {
			return *s, nil
		}
	}
	return "", errors.New("holds an object without content, text or value; want a text or a list of texts")
}

func joined(n int, text func(int) (string, error)) (string, error) {
	lines := make([]string, n)
	for i := range lines {
		var err error
		if lines[i], err = text(i); err != nil {
			return "", err
		}
	}
	return strings.Join(lines, "\n"), nil
}

// file is the value of a column as a file: its bytes, or else its path.
func (r record) file(name string) (embedded, error) {
	switch v := r.value(name).(type) {
	case embedded:
		return v, nil
	case []byte:
		return embedded{bytes: v}, nil
	case json.RawMessage:
		if v = bytes.TrimSpace(v); len(v) > 0 && v[0] == '{' {
			var f struct {
				Bytes []byte
				Path  string
			}
			if err := json.Unmarshal(v, &f); err != nil {
				return embedded{}, fmt.Errorf("column %q: %w", name, err)
			}
			return embedded{f.Bytes, f.Path}, nil
		}
	}
	s, err := r.text(name)
	if err != nil {
		return embedded{}, err
	}
	if b, ok := fromBase64(s); ok {
		return embedded{bytes: b}, nil
	}
	return embedded{path: s}, nil
}

// fromBase64 reads base64, plain or in a data: address. What is too short to be a work, or of no
// known kind, is taken as a file path.
func fromBase64(s string) ([]byte, bool) {
	if rest, ok := strings.CutPrefix(s, "data:"); ok {
		_, s, _ = strings.Cut(rest, ",")
	}
	if len(s) < 16 {
		return nil, false
	}
	s = strings.TrimRight(strings.TrimSpace(s), "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil && typeOfBytes(b) != "" {
			return b, true
		}
	}
	return nil, false
}
