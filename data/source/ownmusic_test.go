package source

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"atelier/data"
	score "atelier/internal/music"
)

// TestOwnMusic counts the music that comes with the program and reads all of it.
func TestOwnMusic(t *testing.T) {
	for _, set := range []struct {
		source data.Source
		least  int // of both parts
		labels int
	}{
		{&Starter{Name: "grooves"}, 60, 13}, {&Starter{Name: "parts"}, 60, 4}, {&Starter{Name: "tunes"}, 40, 6},
		{&Pieces{Each: 16}, 4 * 18, 4}, {&Pieces{Each: 3, Styles: []string{"jazz"}}, 4, 1},
	} {
		classes := set.source.(data.Classed).ClassNames()
		labels, n := map[string]int{}, 0
		for _, split := range []data.Split{data.Train, data.Test} {
			items, err := collect(set.source, split)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				n++
				labels[it.Label]++
				piece, err := score.Read(it.Bytes)
				if err != nil || piece.Notes() == 0 || !slices.Contains(classes, it.Label) || it.Origin.Licence == "" || it.Origin.Attribution == "" {
					t.Errorf("%s: %v, label %s, %+v", it.Name, err, it.Label, it.Origin)
				}
			}
			if counted, err := set.source.(interface {
				Count(context.Context, data.Split) (int, error)
			}).Count(t.Context(), split); err != nil || counted != len(items) {
				t.Error(counted, len(items), err)
			}
		}
		if n < set.least || len(labels) != set.labels || len(classes) != set.labels {
			t.Errorf("%T: %d works, %v of %v", set.source, n, labels, classes)
		}
	}
}

// TestPiecesDiffer draws no piece twice, in either part, and others with another seed.
func TestPiecesDiffer(t *testing.T) {
	var all [][]byte
	for _, s := range []*Pieces{{Each: 24}, {Each: 24, Seed: 1}} {
		for _, split := range []data.Split{data.Train, data.Test} {
			items, err := collect(s, split)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				all = append(all, it.Bytes)
			}
		}
	}
	slices.SortFunc(all, bytes.Compare)
	if n := len(slices.CompactFunc(all, bytes.Equal)); n != 2*4*27 {
		t.Errorf("%d different pieces of %d", n, 2*4*27)
	}
	for _, s := range []*Pieces{{Each: 0}, {Each: 1, Styles: []string{"techno"}}, {Each: 1, Loose: 2}} {
		if _, err := collect(s, data.Train); err == nil {
			t.Errorf("%+v is not refused", s)
		}
	}
}
