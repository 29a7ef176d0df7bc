package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
)

// Default limits of values where the schema leaves them open, so that every text ends.
const (
	usualCharacters = 256     // of a string without maxLength
	usualItems      = 32      // of an array without maxItems
	mostLength      = 1 << 20 // largest allowed minItems, minLength and their like
	mostDigits      = 15      // of an integer, and of a number before and after the point
	mostReferences  = 16      // that may be nested
	mostNodes       = 100000
)

// ignored are keywords without constraints.
var ignored = []string{"title", "description", "$schema", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly", "$defs", "definitions"}

// meant are the types that a keyword applies to.
var meant = map[string][]string{
	"properties": {"object"}, "required": {"object"}, "additionalProperties": {"object"},
	"items": {"array"}, "minItems": {"array"}, "maxItems": {"array"}, "uniqueItems": {"array"},
	"minLength": {"string"}, "maxLength": {"string"},
	"minimum": {"integer"}, "maximum": {"integer"}, "exclusiveMinimum": {"integer"}, "exclusiveMaximum": {"integer"},
}

// deciding are keywords that make all others redundant.
var deciding = []string{"$ref", "anyOf", "oneOf", "enum", "const"}

// A compiler compiles a schema to nodes.
type compiler struct {
	root  any
	known map[reference]*node
	fixed map[*object]*node // for enum and const
	nodes int
	deep  bool // whether a reference was cut off
}

// A reference is the target of a reference, and its nesting depth.
type reference struct {
	to    string
	depth int
}

// compile compiles a schema.
func compile(text []byte) (*node, error) {
	root, err := readSchema(text)
	if err != nil {
		return nil, err
	}
	c := &compiler{root: root, known: map[reference]*node{}, fixed: map[*object]*node{}}
	n, err := c.schema(root, "#", 0)
	switch {
	case err != nil:
		return nil, badinput.Mark(err)
	case n.shortest >= impossible && c.deep:
		return nil, badinput.Errorf("the JSON schema allows no value: its references follow one another without an end, or more than %d deep", mostReferences)
	case n.shortest >= impossible:
		return nil, badinput.Errorf("the JSON schema allows no value")
	}
	return n, nil
}

// at adds the position in the schema to an error.
func at(path string, format string, args ...any) error {
	return fmt.Errorf("the JSON schema, at %s: %w", short(path), fmt.Errorf(format, args...))
}

// below is a position in the schema below another. A long one is abbreviated, since it is built for
// every part.
func below(path string, keys ...string) string {
	for _, key := range keys {
		if len(path) < 200 {
			path += "/" + key[:min(len(key), 200)]
		}
	}
	return path
}

// restricts reports whether a keyword does more than describe.
func restricts(key string) bool { return key != "$id" && !slices.Contains(ignored, key) }

// anything is what is written where a schema allows every value: a string, a number, true, false,
// null, or an array of these. Objects are not among them, since nothing names their members.
func anything() *node {
	plain := oneOf(&node{kind: texts, most: usualCharacters, shortest: 2}, &node{kind: numbers, shortest: 1}, literalsOf("true", "false", "null"))
	list := &node{kind: arrays, most: usualItems, items: plain}
	list.shortest = plus(1, list.first())
	return oneOf(append(slices.Clone(plain.either), list)...)
}

// schema makes the node of a schema at a path, below so many references.
func (c *compiler) schema(v any, path string, depth int) (*node, error) {
	if c.nodes++; c.nodes > mostNodes {
		return nil, fmt.Errorf("the JSON schema, with its references followed, has more than %d parts", mostNodes)
	}
	o, ok := v.(*object)
	switch {
	case v == false:
		return &node{kind: either, shortest: impossible}, nil
	case v == true, ok && !slices.ContainsFunc(o.keys, restricts):
		return anything(), nil
	}
	if !ok {
		return nil, at(path, "want an object that describes a value, or true")
	}
	decides := ""
	for _, key := range o.keys {
		switch {
		case slices.Contains(ignored, key) || key == "$id" && path == "#" || key == "type":
		case slices.Contains(deciding, key):
			if decides != "" {
				return nil, at(path, "%s beside %s isn't supported", key, decides)
			}
			decides = key
		case meant[key] == nil:
			return nil, at(path, "the keyword %s isn't supported", short(key))
		}
	}
	for _, key := range o.keys {
		if decides != "" && (meant[key] != nil || key == "type" && (decides == "$ref" || decides == "anyOf" || decides == "oneOf")) {
			return nil, at(path, "%s beside %s isn't supported", key, decides)
		}
	}
	switch decides {
	case "$ref":
		return c.reference(o.values[decides], path, depth)
	case "anyOf":
		nodes, err := c.branches(decides, o.values[decides], path, depth)
		return oneOf(nodes...), err
	case "oneOf":
		nodes, err := c.branches(decides, o.values[decides], path, depth)
		if err == nil {
			err = apart(nodes, path)
		}
		return oneOf(nodes...), err
	case "enum", "const":
		if n := c.fixed[o]; n != nil {
			return n, nil
		}
		n, err := fixed(o, decides, path)
		c.fixed[o] = n
		return n, err
	}
	return c.typed(o, path, depth)
}

// reference resolves a reference.
func (c *compiler) reference(v any, path string, depth int) (*node, error) {
	to, ok := v.(string)
	if !ok {
		return nil, at(path, "want $ref to be a string")
	}
	if depth == mostReferences {
		c.deep = true
		return &node{kind: either, shortest: impossible}, nil
	}
	key := reference{to, depth}
	if n := c.known[key]; n != nil {
		return n, nil
	}
	target, err := resolve(c.root, to)
	if err != nil {
		return nil, at(path, "%w", err)
	}
	n, err := c.schema(target, to, depth+1)
	c.known[key] = n
	return n, err
}

// branches are the schemas of anyOf or oneOf.
func (c *compiler) branches(key string, v any, path string, depth int) (nodes []*node, err error) {
	all, ok := v.([]any)
	if !ok || len(all) == 0 {
		return nil, at(path, "want %s to be a list of schemas", key)
	}
	for i, s := range all {
		n, err := c.schema(s, below(path, key, strconv.Itoa(i)), depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// fixed compiles the values of enum or const that have the right type.
func fixed(o *object, key, path string) (*node, error) {
	all, ok := o.values[key].([]any)
	if key == "const" {
		all, ok = []any{o.values[key]}, true
	}
	if !ok {
		return nil, at(path, "want enum to be a list of values")
	}
	types, err := typesOf(o, path)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, v := range all {
		if len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isOf(v, t) }) {
			continue
		}
		var b bytes.Buffer
		if err := encode(&b, v); err != nil {
			return nil, at(path, "%w", err)
		}
		texts = append(texts, b.String())
	}
	return literalsOf(texts...), nil
}

// isOf reports whether a value has a type.
func isOf(v any, name string) bool {
	switch v := v.(type) {
	case *object:
		return name == "object"
	case []any:
		return name == "array"
	case string:
		return name == "string"
	case json.Number:
		f, err := v.Float64()
		return name == "number" || name == "integer" && err == nil && f == float64(int64(f))
	case bool:
		return name == "boolean"
	}
	return name == "null"
}

// types are the types of JSON Schema.
var types = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

// typesOf are the types in a schema, empty if it names none.
func typesOf(o *object, path string) (names []string, err error) {
	given, ok := o.values["type"]
	if !ok {
		return nil, nil
	}
	list, ok := given.([]any)
	if !ok {
		list = []any{given}
	}
	for _, v := range list {
		name, ok := v.(string)
		if !ok || !slices.Contains(types, name) {
			return nil, at(path, "want type to be one or several of %s", strings.Join(types, ", "))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, at(path, "%w", errors.New("the list of types is empty"))
	}
	return names, nil
}
