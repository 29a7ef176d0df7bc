package server

import (
	"encoding"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"atelier/app"
)

// describe is the description of the API in OpenAPI 3.1: the routes, with the schemas of their
// bodies, and one path for each app, whose inputs come from its struct.
func (s *Server) describe() []byte {
	d := &describer{schemas: map[string]any{}}
	paths := map[string]map[string]any{}
	for _, r := range s.routes {
		path := strings.ReplaceAll(r.path, "...}", "}")
		if r.path == base+"/apps/{app}" && r.method == http.MethodPost {
			for _, name := range app.Apps.Names() {
				paths[base+"/apps/"+strings.ReplaceAll(name, " ", "-")] = map[string]any{"post": d.runs(r, name)}
			}
			continue
		}
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(r.method)] = d.operation(r)
	}
	d.of(reflect.TypeFor[Problem]())
	return append(marshal(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Atelier", "version": "1", "description": "Apps, jobs, uploads, results, runs and datasets of a studio. What is here is only ever added to."},
		"paths":   paths,
		"security": []any{
			map[string]any{"token": []string{}}, map[string]any{"session": []string{}},
		},
		"components": map[string]any{"schemas": d.schemas, "securitySchemes": map[string]any{
			"token":   map[string]any{"type": "http", "scheme": "bearer"},
			"session": map[string]any{"type": "apiKey", "in": "cookie", "name": s.cookieName()},
		}},
	}), '\n')
}

// A describer makes schemas of Go types.
type describer struct{ schemas map[string]any }

// runs is the operation that runs an app.
func (d *describer) runs(r route, name string) map[string]any {
	r.path = strings.TrimSuffix(r.path, "/{app}")
	o := d.operation(r)
	o["operationId"] = "run-" + strings.ReplaceAll(name, " ", "-")
	schema, err := schemaOf(name)
	if err != nil {
		panic(err) // the name is of the registry
	}
	delete(schema, "$schema")
	o["summary"] = schema["description"]
	o["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": schema}}}
	return o
}

// operation describes a route.
func (d *describer) operation(r route) map[string]any {
	o := map[string]any{"summary": r.summary, "operationId": operationID(r), "x-scope": r.scope.String()}
	var parameters []any
	for _, name := range pathParameters(r.path) {
		parameters = append(parameters, map[string]any{"name": name, "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
	}
	for _, name := range slices.Sorted(maps.Keys(r.query)) {
		parameters = append(parameters, map[string]any{"name": name, "in": "query", "description": r.query[name], "schema": map[string]any{"type": "string"}})
	}
	if parameters != nil {
		o["parameters"] = parameters
	}
	if r.takes != nil {
		o["requestBody"] = map[string]any{"content": d.content(r.takes)}
	}
	status := max(r.status, http.StatusOK)
	success := map[string]any{"description": http.StatusText(status)}
	if r.gives != nil {
		success["content"] = d.content(r.gives)
	}
	o["responses"] = map[string]any{
		strconv.Itoa(status): success,
		"default":            map[string]any{"description": "what is wrong", "content": map[string]any{"application/problem+json": map[string]any{"schema": d.of(reflect.TypeFor[Problem]())}}},
	}
	if r.scope == Anyone {
		o["security"] = []any{}
	}
	return o
}

// operationID names a route.
func operationID(r route) string {
	words := []string{strings.ToLower(r.method)}
	for _, part := range strings.Split(strings.TrimPrefix(r.path, base), "/") {
		if part != "" {
			words = append(words, strings.Trim(strings.ReplaceAll(part, ".", "-"), "{}-"))
		}
	}
	return strings.Join(words, "-")
}

// content is a body by its zero value, or by its media type.
func (d *describer) content(body any) map[string]any {
	if kind, ok := body.(string); ok {
		return map[string]any{kind: map[string]any{}}
	}
	return map[string]any{"application/json": map[string]any{"schema": d.of(reflect.TypeOf(body))}}
}

// of is the schema of a type. Structs with names are described once.
func (d *describer) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case t == reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "contentEncoding": "base64"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": d.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": d.of(t.Elem())}
	case reflect.Struct:
		return d.object(t)
	case reflect.Interface, reflect.Func, reflect.Chan:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

// object is the schema of a struct.
func (d *describer) object(t reflect.Type) map[string]any {
	name := strings.ReplaceAll(t.String(), ".", "_")
	ref := map[string]any{"$ref": "#/components/schemas/" + name}
	if t.Name() != "" {
		if _, known := d.schemas[name]; known {
			return ref
		}
		d.schemas[name] = nil // it may hold itself
	}
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		word, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || word == "-" || f.Anonymous && word == "" || len(f.Index) > 1 && hidden(t, f) {
			continue
		}
		if word == "" {
			word = f.Name
		}
		properties[word] = d.of(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, word)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "required": required}
	if t.Name() == "" {
		return s
	}
	d.schemas[name] = s
	return ref
}

// hidden reports whether a field of an embedded struct is not among the keys, because that struct
// has a key of its own.
func hidden(t reflect.Type, f reflect.StructField) bool {
	outer := t.FieldByIndex(f.Index[:1])
	return !outer.Anonymous || outer.Tag.Get("json") != ""
}
