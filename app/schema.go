package app

import (
	"maps"
	"reflect"
	"strings"
)

// schemaDialect is the dialect of the schemas of apps.
const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is the JSON schema of the inputs of an app in [Apps]. A [File] is its bytes, in base64.
func Schema(name string) (map[string]any, error) {
	a, err := Apps.New(name)
	if err != nil {
		return nil, err
	}
	properties, required := map[string]any{}, []string{}
	for _, in := range Inputs(a) {
		properties[in.Name] = in.schema()
		if in.Argument() != "" && in.Instead(a) == nil {
			required = append(required, in.Name)
		}
	}
	doc := ""
	for n, d := range Apps.Docs() {
		if n == name {
			doc = d
		}
	}
	return map[string]any{
		"$schema": schemaDialect, "title": name, "description": doc, "type": "object",
		"properties": properties, "required": required, "additionalProperties": false,
	}, nil
}

// schema is the schema of one input.
func (in Input) schema() map[string]any {
	s := maps.Clone(in.kind.schema)
	s["description"] = in.Help
	usual := in.Usual.Interface()
	if in.Argument() == "" && !in.takesFiles() {
		switch {
		case in.kind.name == "duration":
			s["default"] = in.kind.words(in.Usual)
		case in.Usual.Kind() == reflect.Slice && in.Usual.Len() == 0:
			s["default"] = []string{}
		default:
			s["default"] = usual
		}
	}
	if choices := in.Choices(); len(choices) > 0 {
		if word := in.kind.words(in.Usual); word == "" {
			choices = append([]string{""}, choices...)
		}
		s["enum"] = choices
	}
	for tag, key := range map[string]string{"accept": "contentMediaType", needsTag: "x-needs"} {
		_, several := in.Files()
		switch value := in.Tag.Get(tag); {
		case several && value != "":
			items := maps.Clone(s["items"].(map[string]any))
			items[key], s["items"] = value, items
		case value != "":
			s[key] = value
		}
	}
	if words := in.Besides(); len(words) > 0 {
		s["description"] = in.Help + "; or " + strings.Join(words, ", ")
	}
	in.limit(s)
	return s
}

// limit adds the range of an input to its schema. Defaults are always in range.
func (in Input) limit(s map[string]any) {
	if in.kind.size == nil || in.kind.name == "duration" {
		return
	}
	low, high := "minimum", "maximum"
	if in.Usual.Kind() == reflect.Slice {
		low, high = "minItems", "maxItems"
	}
	usual := in.kind.size(in.Usual)
	if tag := in.Tag.Get("min"); tag != "" {
		s[low] = min(in.bound(tag), usual)
	}
	if tag := in.Tag.Get("max"); tag != "" {
		s[high] = max(in.bound(tag), usual)
	}
}

func schemaOf(name string) map[string]any { return map[string]any{"type": name} }

func arrayOf(items map[string]any) map[string]any {
	return map[string]any{"type": "array", "items": items}
}
