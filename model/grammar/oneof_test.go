package grammar

import (
	"strings"
	"testing"
)

// TestOneOf: schemas of oneOf that no value fits several of are those of anyOf; others are
// refused.
func TestOneOf(t *testing.T) {
	for _, text := range []string{
		`{"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}`,
		`{"oneOf": [{"const": "a"}, {"const": "b"}, {"enum": [1, 2]}, {"type": "array", "items": {"type": "null"}}]}`,
		`{"oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]}, {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]}]}`,
		`{"oneOf": [{"type": ["string", "null"]}, {"type": "boolean"}]}`,
	} {
		if _, err := compile([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		`{"oneOf": [{"type": "number"}, {"type": "integer"}]}`,
		`{"oneOf": [{"type": "string"}, {"const": "b"}]}`,
		`{"oneOf": [{"const": "b"}, {"enum": ["a", "b"]}]}`,
		`{"oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}}}, {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]}]}`,
		`{"oneOf": [{"type": ["string", "null"]}, {"type": "null"}]}`,
	} {
		if _, err := compile([]byte(text)); err == nil || !strings.Contains(err.Error(), "may fit the same value") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
