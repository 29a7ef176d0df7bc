package main

import (
	"testing"

	"atelier/data"
	"atelier/data/cards"
	"atelier/internal/fetch"
	"atelier/internal/home"
)

// TestCards reads every well-known set that the mirror or this machine has, and
// counts what it gives.
func TestCards(t *testing.T) {
	mirror := home.Mirror()
	for _, c := range cards.All() {
		t.Run(c.Name, func(t *testing.T) {
			s := &cards.Set{Name: c.Name, Cache: t.TempDir(), Settings: fetch.Defaults()}
			edition, ok := s.Here()
			if !ok {
				t.Skipf("skipped: neither the folder of ATELIER_MIRROR (%q) nor this machine has the files", mirror)
			}
			n := 0
			for _, split := range []data.Split{data.Train, data.Test} {
				for it, err := range s.Items(t.Context(), split) {
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
