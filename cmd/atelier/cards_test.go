package main

import (
	"errors"
	"testing"

	"atelier/data"
	"atelier/data/cards"
	"atelier/internal/home"
	"atelier/internal/registry"
)

// knownSet is the source of a well-known set.
func knownSet(t *testing.T, name string) *cards.Set {
	t.Helper()
	s, err := registry.Make[data.Source]("card", "name="+name)
	if err != nil {
		t.Fatal(err)
	}
	return s.Value.(*cards.Set)
}

// TestCards reads every well-known set that the mirror or this machine has, and
// counts what it gives.
func TestCards(t *testing.T) {
	mirror := home.Mirror()
	for _, c := range cards.All() {
		t.Run(c.Name, func(t *testing.T) {
			s := knownSet(t, c.Name)
			s.Cache = t.TempDir()
			edition, ok := s.Here()
			if !ok {
				t.Skipf("skipped: neither the folder of ATELIER_MIRROR (%q) nor this machine has the files", mirror)
			}
			n := 0
			for _, split := range []data.Split{data.Train, data.Test} {
				for it, err := range s.Items(t.Context(), split) {
					var drop *data.Drop
					if errors.As(err, &drop) && drop.Reason == "unknown kind" {
						continue // what an archive holds besides
					}
					if err != nil {
						t.Fatal(err)
					}
					if len(it.Bytes) == 0 || it.MediaType == "" || it.Origin.Attribution == "" || it.Origin.Licence == "" && c.Rights == "" {
						t.Fatalf("%s is incomplete: %q %+v", it.Name, it.MediaType, it.Origin)
					}
					n++
				}
			}
			if n != edition.Items {
				t.Errorf("%d items, and the card says %d", n, edition.Items)
			}
			t.Logf("%s: %d items", edition.About, n)
		})
	}
}
