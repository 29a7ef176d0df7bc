package badinput

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// JSON describes an error of encoding/json without Go terms: by the key, its value, and what it
// should be. Other errors are returned unchanged.
func JSON(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it is not JSON: it is cut short")
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON from byte %d on: %w", syntax.Offset, err)
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("it is %s; want %s", article(kind.Value), wanted(kind))
	case errors.As(err, &kind):
		return fmt.Errorf("the key %q is %s; want %s", kind.Field, article(kind.Value), wanted(kind))
	}
	return err
}

// article prepends the article to the name of a JSON type.
func article(value string) string {
	switch {
	case value == "array":
		return "a list"
	case value == "object":
		return "an object"
	case value == "bool":
		return "true or false"
	case strings.HasPrefix(value, "number "):
		return "the " + value
	}
	return "a " + value
}

// wanted is what a value should be: of a whole number that does not fit, in which range.
func wanted(err *json.UnmarshalTypeError) string {
	name := kindName(err.Type)
	digits := strings.TrimPrefix(strings.TrimPrefix(err.Value, "number "), "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return name
	}
	switch kind := err.Type.Kind(); {
	case reflect.Int <= kind && kind <= reflect.Int64:
		bits := err.Type.Bits() - 1
		return fmt.Sprintf("%s from %d to %d", name, int64(-1)<<bits, ^(int64(-1) << bits))
	case reflect.Uint <= kind && kind <= reflect.Uint64:
		return fmt.Sprintf("%s from 0 to %d", name, ^uint64(0)>>(64-err.Type.Bits()))
	}
	return name
}

// kindName is the JSON name of a type.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindName(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
