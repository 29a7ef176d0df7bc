package library

import (
	"context"

	"atelier/data"
	"atelier/data/store"
)

// A Diff describes how one version differs from another.
type Diff struct {
	A, B store.Base
	// Both, OnlyA and OnlyB count the Items, compared by their bytes: if one version has an Item
	// three times and the other twice, two are in both.
	Both, OnlyA, OnlyB int
	// Moved counts the common Items whose part differs, Relabelled those whose label differs.
	Moved, Relabelled int
	// Added and Removed are the names of some Items that only one version has.
	Added, Removed []string
}

// mostNamed is the number of Items named in a diff.
const mostNamed = 20

// Diff compares two versions.
func (l *Library) Diff(ctx context.Context, a, b string) (*Diff, error) {
	va, err := l.Store.Version(ctx, a)
	if err != nil {
		return nil, err
	}
	vb, err := l.Store.Version(ctx, b)
	if err != nil {
		return nil, err
	}
	d := &Diff{A: *baseOf(va), B: *baseOf(vb)}
	inA, err := placesOf(ctx, va)
	if err != nil {
		return nil, err
	}
	inB, err := placesOf(ctx, vb)
	if err != nil {
		return nil, err
	}
	for sum, places := range inA {
		d.OnlyA += d.compare(places, inB[sum])
	}
	for sum, places := range inB {
		d.OnlyB += max(0, len(places)-len(inA[sum]))
	}
	if d.Removed, err = surplus(ctx, va, inB); err != nil {
		return nil, err
	}
	d.Added, err = surplus(ctx, vb, inA)
	return d, err
}

// A spot is the place of an Item in a version.
type spot struct {
	split data.Split
	label string
}

// placesOf are the spots of every Item of a version, by its bytes.
func placesOf(ctx context.Context, v *store.Version) (map[[32]byte][]spot, error) {
	at := map[[32]byte][]spot{}
	return at, each(ctx, v, func(r store.Row) { at[r.SHA256] = append(at[r.SHA256], spot{r.Split, r.Label}) })
}

// compare counts the Items with the same bytes in two versions, and returns how many only the first
// has.
func (d *Diff) compare(a, b []spot) (only int) {
	both := min(len(a), len(b))
	d.Both += both
	d.Moved += max(0, both-inCommon(a, b, func(s spot) string { return string(s.split) }))
	d.Relabelled += max(0, both-inCommon(a, b, func(s spot) string { return s.label }))
	return len(a) - both
}

// inCommon counts the pairs that share a property.
func inCommon(a, b []spot, of func(spot) string) (n int) {
	left := map[string]int{}
	for _, s := range a {
		left[of(s)]++
	}
	for _, s := range b {
		if left[of(s)] > 0 {
			left[of(s)]--
			n++
		}
	}
	return n
}

// surplus names some of the Items that a version has more often than the other.
func surplus(ctx context.Context, v *store.Version, there map[[32]byte][]spot) (names []string, err error) {
	seen := map[[32]byte]int{}
	err = each(ctx, v, func(r store.Row) {
		if seen[r.SHA256]++; seen[r.SHA256] > len(there[r.SHA256]) && len(names) < mostNamed {
			names = append(names, r.Name)
		}
	})
	return names, err
}

// each calls f for every row of a version.
func each(ctx context.Context, v *store.Version, f func(store.Row)) error {
	for _, split := range []data.Split{data.Train, data.Test} {
		for r, err := range v.Rows(ctx, split) {
			if err != nil {
				return err
			}
			f(r)
		}
	}
	return nil
}
