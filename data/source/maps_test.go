package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"atelier/data"
)

// Maps of all kinds of files become texts by the rules of a theme; others are dropped with a reason.
func TestMaps(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.des":     "NAME: one\nMAP\nccc\nc1c\nccc\nENDMAP\nNAME: two\nMAP\nx.\n.x\nENDMAP\nMAP\n..\n",
		"b.txt":     "xxx\nx{x\nxxx\n",
		"c.csv":     "x,x,x\nx,.,x\nx,x,x\n",
		"README.md": "these are maps", "notes.doc": "no map", "d.tmx": "<html/>", "e.txt": "xxx\nx\u2603x\nxxx\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := &Maps{Path: dir, Theme: "crawl", Least: 3}
	var names, drops []string
	for it, err := range s.Items(t.Context(), data.Train) {
		if drop := (*data.Drop)(nil); errors.As(err, &drop) {
			drops = append(drops, it.Name+": "+drop.Reason)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, it.Name)
		if it.Name == "a.des/001" && string(it.Bytes) != "xxx\nxMx\nxxx\n" {
			t.Errorf("%s", it.Bytes)
		}
	}
	if !slices.Equal(names, []string{"a.des/001", "b.txt", "c.csv"}) || !slices.Equal(drops, []string{"a.des/002: too small", "d.tmx: no map", "e.txt: no map"}) {
		t.Errorf("%q, and %q", names, drops)
	}
	for _, wrong := range []*Maps{{Path: dir + "/none", Least: 1}, {Path: t.TempDir(), Least: 1}, {Path: dir, Least: 0}, {Path: dir, Least: 1, Theme: "dungoen"}, {Path: dir, Least: 1, TestShare: 1}} {
		for _, err := range wrong.Items(t.Context(), data.Train) {
			if err == nil {
				t.Errorf("%+v is read", wrong)
			}
		}
	}
}
