package library

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestBandsGroup compares bands sorted on disk in many short runs with groups made by a map in
// memory.
func TestBandsGroup(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s, err := newBandSorter(filepath.Join(dir, "bands"))
		if err != nil {
			t.Fatal(err)
		}
		s.limit = rapid.IntRange(1, 20).Draw(t, "limit")
		// Bands over the whole range: they are ordered as unsigned numbers.
		band := rapid.SampledFrom([]uint64{0, 1, 7, 1 << 40, 1 << 63, 1<<64 - 1})
		all := map[uint64][]int32{}
		for i := range rapid.IntRange(0, 100).Draw(t, "n") {
			b := banded{band.Draw(t, fmt.Sprint("band ", i)), rapid.Int32Range(0, 30).Draw(t, fmt.Sprint("item ", i))}
			all[b.band] = append(all[b.band], b.item)
			if err := s.add(b); err != nil {
				t.Fatal(err)
			}
		}
		var want, got [][]int32
		for _, b := range []uint64{0, 1, 7, 1 << 40, 1 << 63, 1<<64 - 1} {
			items := slices.Clone(all[b])
			slices.Sort(items)
			if items = slices.Compact(items); len(items) > 1 {
				want = append(want, items)
			}
		}
		err = s.groups(func(items []int32) error {
			got = append(got, slices.Clone(items))
			return nil
		})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, %v, want %v", got, err, want)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(s.file.Name()); !os.IsNotExist(err) {
			t.Fatalf("the file is left: %v", err)
		}
	})
}
