package data

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// A shelfSource reads places of a kind, as well as fit says.
type shelfSource struct {
	Path string
	Deep bool
	kind string
	fit  Fit
}

func (s *shelfSource) Items(context.Context, Split) iter.Seq2[Item, error] { return nil }

func (s *shelfSource) Recognize(place string) Fit {
	if !strings.HasPrefix(place, s.kind) {
		return Unfit
	}
	s.Path = place
	return s.fit
}

func init() {
	Sources.Add("shelf_any", "of tests", func() Source { return &shelfSource{kind: "shelf", fit: Usable} })
	Sources.Add("shelf_b", "of tests", func() Source { return &shelfSource{kind: "shelf:", fit: Meant} })
	Sources.Add("shelf_a", "of tests", func() Source { return &shelfSource{kind: "shelf:", fit: Meant} })
}

func TestResolve(t *testing.T) {
	for place, want := range map[string]string{"shelf": "shelf_any", "shelf:x": "shelf_a"} {
		got, err := Resolve(place)
		if err != nil || got.Use != want || got.Value.(*shelfSource).Path != place {
			t.Errorf("%s: %+v, %v", place, got, err)
		}
	}
	got, err := Resolve(`{use = "shelf_b", path = "x", deep = true}`)
	if s, ok := got.Value.(*shelfSource); err != nil || got.Use != "shelf_b" || !ok || !s.Deep || s.Path != "x" {
		t.Errorf("%+v, %v", got, err)
	}
	for place, want := range map[string]string{
		"nowhere":                        `"nowhere" is not a file, a folder or the name of a set; want a folder`,
		"./nowhere":                      `there is no file or folder "./nowhere"`,
		"":                               "the place of the set is empty; want a folder",
		"ftp://x":                        `"ftp://x" cannot be read as a set`,
		`{use = "shelf_c"}`:              `did you mean "shelf_a"?`,
		`{use = "shelf_b", pat = "x"}`:   `no setting "pat"`,
		"{use = \"shelf_b\"":             "source:",
		"{use = \"shelf_b\"}\nsteps = 1": `no setting "steps"`,
	} {
		if _, err := Resolve(place); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, badinput.Err) {
			t.Errorf("%s: got %v, want %s", place, err, want)
		}
	}
}
