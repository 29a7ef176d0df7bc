package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
)

// A damaged dataset or version is named, hides no other, and can be removed.
func TestDamagedHidesNothingElse(t *testing.T) {
	for _, place := range []string{"a folder", "a bucket"} {
		t.Run(place, func(t *testing.T) {
			home := t.TempDir()
			s, err := Open(home)
			if place == "a bucket" {
				home = bucketHome(t)
				s = machine(t)
			}
			if err != nil {
				t.Fatal(err)
			}
			damagedStore(t, s, filepath.Join(home, "datasets"))
		})
	}
}

func damagedStore(t *testing.T, s *Store, datasets string) {
	ctx := t.Context()
	for _, name := range []string{"broken", "cut", "cut", "whole"} {
		_, err := s.Write(ctx, &Manifest{Name: name}, func(w *Writer) error {
			return w.Add(Row{Item: item("a", "text/plain", "hello", ""), Split: data.Train})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range map[string]string{"broken/1": `{"format":`, "cut/2": ""} {
		path = filepath.Join(datasets, path, ManifestName)
		os.Chmod(path, 0o666)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	list := func() string {
		t.Helper()
		whole, damaged, err := s.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range whole {
			names = append(names, e.Ref())
		}
		for _, d := range damaged {
			names = append(names, "-"+d.Ref)
			if strings.Contains(d.Err.Error(), "\n") || !strings.Contains(d.Err.Error(), "damaged") {
				t.Errorf("%s: %v", d.Ref, d.Err)
			}
		}
		return strings.Join(names, " ")
	}
	if got := list(); got != "cut@1 whole@1 -broken@1 -cut@2" {
		t.Errorf("listed %s", got)
	}
	if damaged, err := s.Reindex(ctx, nil); err != nil || len(damaged) != 2 {
		t.Errorf("rebuilt: damaged %v, error %v", damaged, err)
	}
	for _, ref := range []string{"whole", "cut@1"} {
		v, err := s.Version(ctx, ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(ctx); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Version(ctx, "cut"); err == nil || !strings.Contains(err.Error(), "; the newest sound version is cut@1: give its number to use it (in a run file, data.name=cut@1)") {
		t.Errorf("error %v", err)
	}
	// The only error is that the erasure cannot be proved.
	if _, err := s.Search(ctx, [][32]byte{{1}}); err == nil || !strings.Contains(err.Error(), "what was erased from broken@1 cannot be told") {
		t.Errorf("error %v", err)
	}
	for _, ref := range []string{"broken", "cut@2"} {
		if err := s.Remove(ctx, ref); err != nil {
			t.Error(err)
		}
	}
	if got := list(); got != "cut@1 whole@1" {
		t.Errorf("listed %s", got)
	}
	if _, err := s.Search(ctx, [][32]byte{{1}}); err != nil {
		t.Errorf("error %v", err)
	}
}
