package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// Resolve returns the source that best fits a place as typed by a person: a path, an address,
// or the name of a set. Ties go to the first by name. A place that begins with { is a source
// with its settings as in a run file:
// {use = "folder", path = "photos", label = "kind"}.
//
// A place that no source reads is bad input; the error says what is read.
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

// unread is the error of a place that no source reads.
func unread(place string) error {
	what := "cannot be read as a set"
	switch _, err := os.Stat(place); {
	case strings.TrimSpace(place) == "":
		return badinput.Errorf("the place of the set is empty; want a folder, a file, an address or the name of a set")
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(place, `./\`) && !strings.Contains(place, "://"):
		return badinput.Errorf("there is no file or folder %q", place)
	case err != nil && !strings.Contains(place, "://"):
		what = "is not a file, a folder or the name of a set"
	}
	return badinput.Errorf("%q %s; want a folder, a file, an address or the name of a set that one of the sources %s reads, or a table such as {use = \"folder\", path = \"photos\"}",
		place, what, strings.Join(Sources.Names(), ", "))
}
