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

// A Crossing counts copies that lie in both parts of a set, by which scores flatter.
type Crossing struct {
	// Exact is how many Items to measure against have the same bytes as one to train on.
	Exact int `json:"exact"`
	// Near is how many are alike to one to train on, by cleaner; what no cleaner compared
	// is not counted.
	Near map[string]int `json:"near,omitempty"`
}

// crossingKey is where a manifest has its Crossing.
const crossingKey = "crossing"

// CrossingOf returns what is known of a version, the zero Crossing if that is nothing.
func CrossingOf(m *store.Manifest) (c Crossing) {
	if text := m.Statistics[crossingKey]; text != nil && json.Unmarshal(text, &c) != nil {
		return Crossing{}
	}
	return c
}

// Lines tells of the copies, nothing if there are none.
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

// An overlap finds Items of both parts with the same bytes. Of each it keeps the first 64
// bits of the hash, which are others for other bytes.
type overlap struct{ train, test []uint64 }

func (o *overlap) add(split data.Split, sum [32]byte) {
	of := &o.train
	if split == data.Test {
		of = &o.test
	}
	*of = append(*of, binary.BigEndian.Uint64(sum[:]))
}

// count is how many Items of the test part have the bytes of one to train on.
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
