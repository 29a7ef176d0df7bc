package library

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"atelier/data"
	"atelier/data/store"
)

// A Crossing counts duplicates across the two parts of a set, which inflate scores.
type Crossing struct {
	// Exact is the number of test Items with the same bytes as a training Item.
	Exact int `json:"exact"`
	// Near is the number of test Items that are near duplicates of a training Item, by cleaner.
	Near map[string]int `json:"near,omitempty"`
}

// crossingKey is the key of a Crossing in a manifest.
const crossingKey = "crossing"

// CrossingOf returns the Crossing of a version, zero if none was recorded.
func CrossingOf(m *store.Manifest) (c Crossing) {
	if text := m.Statistics[crossingKey]; text != nil && json.Unmarshal(text, &c) != nil {
		return Crossing{}
	}
	return c
}

// Lines describes the duplicates; it is empty if there are none.
func (c Crossing) Lines() (lines []string) {
	const said = "%d Items to measure against are %s copies of Items to train on"
	if c.Exact > 0 {
		lines = append(lines, fmt.Sprintf(said, c.Exact, "exact"))
	}
	for _, use := range slices.Sorted(maps.Keys(c.Near)) {
		lines = append(lines, fmt.Sprintf(said+" (%s)", c.Near[use], "near", use))
	}
	return lines
}

// An overlap finds Items of both parts with the same bytes, by the first 64 bits of their hashes.
type overlap struct{ train, test []uint64 }

func (o *overlap) add(split data.Split, sum [32]byte) {
	of := &o.train
	if split == data.Test {
		of = &o.test
	}
	*of = append(*of, binary.BigEndian.Uint64(sum[:]))
}

// count is the number of test Items with the bytes of a training Item.
func (o *overlap) count() (n int) {
	slices.Sort(o.test)
	seen := map[uint64]bool{}
	for _, sum := range o.train {
		if _, found := slices.BinarySearch(o.test, sum); found {
			seen[sum] = true
		}
	}
	for _, sum := range o.test {
		if seen[sum] {
			n++
		}
	}
	return n
}
