package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// Add collects Items from sources, cleans them, and stores them as the next version of the dataset,
// together with the Items of its newest version, even if that is made meanwhile. The licence is for
// Items whose source does not know it.
func (l *Library) Add(ctx context.Context, name string, sources []registry.Choice[data.Source], p *Pipeline, licence string) (*store.Version, error) {
	if err := store.CheckName(name); err != nil {
		return nil, err
	}
	var newest *store.Version
	versions, err := l.Store.Versions(ctx, name)
	if err == nil && len(versions) > 0 {
		newest, err = l.Store.Version(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	if newest == nil {
		if err := store.CheckNewName(name); err != nil {
			return nil, err
		}
	}
	base, err := keptInput(newest)
	if err != nil {
		return nil, err
	}
	inputs := []input{base}
	for _, s := range sources {
		if err := registry.Check(s.Value); err != nil {
			return nil, fmt.Errorf("%s %w", s.Use, err)
		}
		if c, ok := s.Value.(data.Composite); ok {
			return nil, badinput.Errorf("a dataset stores single works, and those of the source %s have a %s each; train on them directly: atelier train RECIPE data.use=%s",
				s.Use, strings.Join(c.Companions(), " and a "), s.Use)
		}
		record := store.SourceRecord{Use: s.Use, Settings: encoded(s.Value), Licence: licence}
		inputs = append(inputs, input{source: s.Value, record: record})
	}
	return l.follow(ctx, &store.Manifest{Name: name, Base: baseOf(newest)}, p, inputs, &following{newest, keptInput})
}

// Clean makes a new version of a dataset by cleaning an existing one; without a number that is the
// newest, even if it is made meanwhile.
func (l *Library) Clean(ctx context.Context, ref string, p *Pipeline) (*store.Version, error) {
	base, err := l.Store.Version(ctx, ref)
	if err != nil {
		return nil, err
	}
	var follows *following
	if !strings.Contains(ref, "@") {
		follows = &following{base, cleanedInput}
	}
	return l.follow(ctx, &store.Manifest{Name: base.Manifest().Name, Base: baseOf(base)}, p, []input{storedInput(base)}, follows)
}

// Merge makes a version of a dataset from versions of several; of duplicates the first is kept.
func (l *Library) Merge(ctx context.Context, name string, refs []string, p *Pipeline) (*store.Version, error) {
	if len(refs) < 2 {
		return nil, badinput.Errorf("merge: want at least two datasets to merge, got %d", len(refs))
	}
	var inputs []input
	for _, ref := range refs {
		v, err := l.Store.Version(ctx, ref)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, storedInput(v))
	}
	return l.make(ctx, &store.Manifest{Name: name}, p.wholeSet(), inputs)
}

// wholeSet is the pipeline without the cleaners of single Items.
func (p *Pipeline) wholeSet() *Pipeline {
	own := *p
	own.Clean = slices.DeleteFunc(slices.Clone(p.Clean), func(c registry.Choice[data.Cleaner]) bool { return single(c.Value) })
	return &own
}

// storedInput reads a version.
func storedInput(v *store.Version) input {
	return input{
		record: store.SourceRecord{Use: "stored", Settings: fmt.Sprintf("name = %q\nhash = %q\n", v.Ref(), v.Hash()), Place: v.Ref()},
		rows:   v.Rows,
	}
}

// refTo is the reference of version n of a dataset: faces@2.
func refTo(name string, n int) string { return fmt.Sprintf("%s@%d", name, n) }

// baseOf is the Base of a version, nil for none.
func baseOf(v *store.Version) *store.Base {
	if v == nil {
		return nil
	}
	return &store.Base{Ref: v.Ref(), Hash: v.Hash()}
}
