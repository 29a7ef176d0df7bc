package data

import (
	"fmt"
	"os"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// Resolve returns the source that best fits a place as a person types it: a path,
// an address, or the name of a set. Of equal fits the first by name is taken. A
// place that begins with { is a source with its settings as in a run file:
// {use = "folder", path = "photos", label = "kind"}.
//
// What no source reads is bad input; the error says what is read.
func Resolve(place string) (registry.Choice[Source], error) {
	if strings.HasPrefix(strings.TrimSpace(place), "{") {
		return inline(place)
	}
	var best registry.Choice[Source]
	fit := Unfit
	for e := range Sources.All() {
		s, ok := e.New().(Recognizing)
		if !ok {
			continue
		}
		if f := s.Recognize(place); f > fit {
			best, fit = registry.Choice[Source]{Use: e.Name, Value: s}, f
		}
	}
	if fit == Unfit {
		return best, unread(place)
	}
	return best, nil
}

// inline reads a source that is written as a table.
func inline(place string) (registry.Choice[Source], error) {
	var set struct{ Source registry.Choice[Source] }
	f, err := registry.Parse("source", []byte("source = "+place))
	if err == nil {
		err = f.Bind(&set)
	}
	if err != nil {
		return registry.Choice[Source]{}, fmt.Errorf("%s: %w", place, err)
	}
	return set.Source, nil
}

// unread says that no source reads a place, and what is read.
func unread(place string) error {
	what := "is nothing that can be read"
	if _, err := os.Stat(place); err != nil && !strings.Contains(place, "://") {
		what = "is no file, no folder and no name of a set"
	}
	return badinput.Errorf("%q %s; want a folder, a file, an address or the name of a set that one of the sources %s reads, or a table such as {use = \"folder\", path = \"photos\"}",
		place, what, strings.Join(Sources.Names(), ", "))
}
