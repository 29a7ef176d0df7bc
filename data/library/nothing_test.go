package library

import (
	"errors"
	"os"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// A source of nothing, and one of which the cleaners keep nothing, make no version, and
// leave nothing behind that would be resumed.
func TestNothingIsNoVersion(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		source *numbers
		want   string
	}{
		{&numbers{7, 8, 0}, "the source numbers-test"},
		{&numbers{6, 7, 0}, "nothing is left of what was collected (fifth-test dropped 1 as ends in 6)"},
		{&numbers{3, 3, 0}, "yields nothing; no version is made"},
	} {
		_, err := l.Add(t.Context(), "n", source(c.source), pipeline(), "")
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if left, err := os.ReadDir(l.jobs()); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
	if versions, err := l.Store.Versions(t.Context(), "n"); err != nil || len(versions) > 0 {
		t.Error(versions, err)
	}
}
