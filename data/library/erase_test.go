package library

import (
	"slices"
	"testing"
)

// TestEraseNamesOthers erases Items that another dataset holds as well and keeps.
func TestEraseNamesOthers(t *testing.T) {
	l := newLibrary(t)
	for _, name := range []string{"n", "other"} {
		if _, err := l.Add(t.Context(), name, source(&numbers{0, 20, 0}), pipeline(), ""); err != nil {
			t.Fatal(err)
		}
	}
	f, err := l.Forget(t.Context(), "n", &Selection{Origins: []string{"001*"}})
	if err != nil || f.Most != 4 {
		t.Fatal(f, err)
	}
	e, err := l.Erase(t.Context(), f)
	if err != nil || e.Files == 0 || len(e.Elsewhere) != 1 || !slices.Equal(e.Elsewhere["other"], []string{"other@1"}) {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestDiffCountsItems compares sets with repeated Items.
func TestDiffCountsItems(t *testing.T) {
	a, b := []spot{{"train", "x"}, {"train", "x"}, {"test", "y"}}, []spot{{"train", "x"}, {"train", "y"}}
	var d Diff
	if only := d.compare(a, b); only != 1 || d.Both != 2 || d.Moved != 0 || d.Relabelled != 0 {
		t.Error(only, d)
	}
	d = Diff{}
	if only := d.compare(a[:1], []spot{{"test", "y"}, {"test", "x"}, {"test", "z"}}); only != 0 || d.Both != 1 || d.Moved != 1 || d.Relabelled != 0 {
		t.Error(only, d)
	}
}
