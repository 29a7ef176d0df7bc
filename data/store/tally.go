package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"atelier/data"
)

// A tally counts rows for the manifest.
type tally struct {
	Counts
	licences map[string]int
}

func newTally() tally {
	return tally{licences: map[string]int{}, Counts: Counts{
		Splits: map[data.Split]int{}, Classes: map[string]int{},
		MediaTypes: map[string]int{}, Dropped: map[string]int{},
	}}
}

// add counts a kept row.
func (t *tally) add(r *Row) {
	t.Splits[r.Split]++
	t.Bytes += int64(len(r.Bytes))
	t.MediaTypes[r.MediaType]++
	t.licences[cmp.Or(r.Origin.Licence, "unknown")]++
	if r.Label != "" {
		t.Classes[r.Label]++
	}
}

// drop counts a dropped row.
func (t *tally) drop(r *DropRow) { t.Dropped[r.Drop.Reason]++ }

// check reports the first count of a manifest that is wrong.
func (t *tally) check(m *Manifest) error {
	for _, p := range parts[:2] {
		if n, want := t.Splits[p], m.Counts.Splits[p]; n != want {
			return fmt.Errorf("it has %d Items of the part %s instead of %d", n, p, want)
		}
	}
	for _, c := range []struct {
		what       string
		said, have map[string]int
	}{
		{"the licence", m.Licences, t.licences}, {"the class", m.Counts.Classes, t.Classes},
		{"the media type", m.Counts.MediaTypes, t.MediaTypes}, {"the reason to be dropped", m.Counts.Dropped, t.Dropped},
	} {
		said, have := inUTF8(c.said), inUTF8(c.have)
		for _, name := range slices.Sorted(maps.Keys(said)) {
			if said[name] != have[name] {
				return fmt.Errorf("it says that %d Items have %s %q, and %d have it", said[name], c.what, name, have[name])
			}
		}
		for _, name := range slices.Sorted(maps.Keys(have)) {
			if said[name] != have[name] {
				return fmt.Errorf("it does not say that %d Items have %s %q", have[name], c.what, name)
			}
		}
	}
	if t.Bytes != m.Counts.Bytes {
		return fmt.Errorf("it says that all Items have %d bytes, and they have %d", m.Counts.Bytes, t.Bytes)
	}
	return nil
}

// inUTF8 merges counts by names as read from shards, where each run of invalid UTF-8 was replaced;
// JSON replaces it byte by byte.
func inUTF8(count map[string]int) map[string]int {
	const mark = "\uFFFD"
	out := map[string]int{}
	for name, n := range count {
		name = strings.ToValidUTF8(name, mark)
		for strings.Contains(name, mark+mark) {
			name = strings.ReplaceAll(name, mark+mark, mark)
		}
		out[name] += n
	}
	return out
}
