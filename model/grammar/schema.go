package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"atelier/internal/badinput"
)

// Limits of a schema.
const (
	mostSchema = 1 << 20 // bytes
	mostNested = 64      // nesting depth of objects and arrays
)

// An object is a JSON object in file order.
type object struct {
	keys   []string
	values map[string]any
}

// readSchema reads a JSON document: objects, []any, strings, json.Number, bool and nil.
func readSchema(text []byte) (any, error) {
	if len(text) > mostSchema {
		return nil, badinput.Errorf("the JSON schema has %d bytes; want at most %d", len(text), mostSchema)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something follows it")
		}
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("it ends too early")
	}
	if err != nil {
		return nil, badinput.Errorf("the JSON schema cannot be read: %w", err)
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == mostNested {
		return nil, fmt.Errorf("it is nested more than %d deep", mostNested)
	}
	if open == '[' {
		all := []any{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		_, err := d.Token()
		return all, err
	}
	o := &object{values: map[string]any{}}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if _, twice := o.values[key]; twice {
			return nil, fmt.Errorf("an object has the key %s twice", short(key))
		}
		v, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		o.keys, o.values[key] = append(o.keys, key), v
	}
	_, err = d.Token()
	return o, err
}

// short quotes a text for an error.
func short(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}

// resolve resolves a reference within the document, such as #/$defs/name.
func resolve(root any, ref string) (any, error) {
	path, local := strings.CutPrefix(ref, "#")
	path, err := url.PathUnescape(path)
	if !local || err != nil || path != "" && path[0] != '/' {
		return nil, fmt.Errorf("the $ref %s isn't supported; want one within the schema, such as #/$defs/name", short(ref))
	}
	v := root
	if path == "" {
		return v, nil
	}
	for step := range strings.SplitSeq(path[1:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		ok := false
		switch at := v.(type) {
		case *object:
			v, ok = at.values[step]
		case []any:
			i, err := strconv.Atoi(step)
			if ok = err == nil && i >= 0 && i < len(at); ok {
				v = at[i]
			}
		}
		if !ok {
			return nil, fmt.Errorf("the $ref %s leads nowhere", short(ref))
		}
	}
	return v, nil
}

// encode writes a value as compact JSON.
func encode(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case *object:
		b.WriteByte('{')
		for i, key := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			encodeString(b, key)
			b.WriteByte(':')
			if err := encode(b, v.values[key]); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encode(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case string:
		encodeString(b, v)
	case json.Number:
		if _, err := v.Float64(); err != nil {
			return fmt.Errorf("the number %s is too large", short(v.String()))
		}
		b.WriteString(v.String())
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		b.WriteString("null")
	}
	return nil
}

// encodeString writes a string, in which < and > are not escaped.
func encodeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err == nil { // which it is for a string
		b.Truncate(b.Len() - 1) // the line break
	}
}
