package library

import (
	"context"

	"atelier/data"
	"atelier/data/store"
)

// A Diff says how one version differs from another.
type Diff struct {
	A, B store.Base
	// Both, OnlyA and OnlyB count the Items, told apart by their bytes: what a version
	// has twice counts once.
	Both, OnlyA, OnlyB int
	// Moved counts the Items of both that lie in another part, Relabelled those of
	// another label.
	Moved, Relabelled int
	// Added and Removed name some of the Items that only one has.
	Added, Removed []string
}

// mostNamed is how many Items a diff names.
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
	type place struct {
		split data.Split
		label string
	}
	inA := map[[32]byte]place{}
	err = each(ctx, va, func(r store.Row) {
		if _, twice := inA[r.SHA256]; !twice {
			inA[r.SHA256] = place{r.Split, r.Label}
			d.OnlyA++
		}
	})
	if err != nil {
		return nil, err
	}
	found := map[[32]byte]bool{}
	err = each(ctx, vb, func(r store.Row) {
		if found[r.SHA256] {
			return
		}
		found[r.SHA256] = true
		was, ok := inA[r.SHA256]
		if !ok {
			d.OnlyB++
			if len(d.Added) < mostNamed {
				d.Added = append(d.Added, r.Name)
			}
			return
		}
		d.Both++
		d.OnlyA--
		if was.split != r.Split {
			d.Moved++
		}
		if was.label != r.Label {
			d.Relabelled++
		}
	})
	if err != nil {
		return nil, err
	}
	return d, each(ctx, va, func(r store.Row) {
		if !found[r.SHA256] && len(d.Removed) < mostNamed {
			d.Removed = append(d.Removed, r.Name)
		}
	})
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
