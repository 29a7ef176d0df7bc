package registry

import (
	"slices"
	"testing"
)

// A drawing is what is completed: a number, a truth value, a table, a choice and a list.
type drawing struct {
	Steps  int
	Sharp  bool
	Colour registryOptional
	Shape  Choice[shape]
	Others []Choice[shape]
}

func TestComplete(t *testing.T) {
	d := &drawing{Shape: Choose[shape]("square")}
	for begun, want := range map[string][]string{
		"":                 {"steps=", "sharp=", "colour.", "shape.", "others="},
		"s":                {"steps=", "sharp=", "shape."},
		"steps=":           nil,
		"sharp=":           {"sharp=true", "sharp=false"},
		"sharp=t":          {"sharp=true"},
		"colour.":          {"colour.red=", "colour.green="},
		"shape.":           {"shape.use=", "shape.side=", "shape.fill."},
		"shape.fill.r":     {"shape.fill.red="},
		"shape.use=":       {"shape.use=group", "shape.use=point", "shape.use=square"},
		"shape.use=s":      {"shape.use=square"},
		"shape.use.more":   nil,
		"steps.more":       nil,
		"nothing.of.that=": nil,
		".":                nil,
		"shape..":          nil,
		"others[0].":       nil,
	} {
		if got := Complete(d, begun); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", begun, got, want)
		}
	}
	if got := Complete(&drawing{}, "shape."); !slices.Equal(got, []string{"shape.use="}) {
		t.Errorf("a choice that was not made: %q", got)
	}
}
