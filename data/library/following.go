package library

import (
	"context"
	"iter"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/badinput"
)

// A following makes a job follow the newest version of its dataset, which is its first input, so
// that versions made meanwhile are not lost.
type following struct {
	newest *store.Version // nil if there is none
	// read returns the input for a version, nil for none. If it is nil, the job ends when another
	// version becomes the newest.
	read func(*store.Version) (input, error)
}

// mark identifies the version.
func (f *following) mark() string {
	if f == nil || f.newest == nil {
		return ""
	}
	return f.newest.Ref() + " " + f.newest.Hash()
}

// catchUp replaces the first input if another version has become the newest.
func (j *job) catchUp(ctx context.Context, hold *store.Hold) (again bool, err error) {
	f := j.follows
	if f == nil {
		return false, nil
	}
	was := f.mark()
	newest, err := hold.Newest(ctx)
	if err != nil {
		return false, err
	}
	now := &following{newest, f.read}
	switch {
	case now.mark() == was:
		return false, nil
	case f.read == nil && newest == nil:
		return false, badinput.Errorf("%s was removed meanwhile", f.newest.Ref())
	case f.read == nil:
		return false, badinput.Errorf("%s was made meanwhile; repeat the command", newest.Ref())
	case newest == nil:
		j.l.notice("%s was removed meanwhile: continuing without it", f.newest.Ref())
	default:
		j.l.notice("%s was made meanwhile: continuing from it", newest.Ref())
	}
	in, err := f.read(newest)
	if err != nil {
		return false, err
	}
	in.prepare()
	j.inputs[0], j.follows, j.manifest.Base = in, now, baseOf(newest)
	return true, nil
}

// id identifies a source in the journal, which the followed version is not part of.
func (j *job) id(source int) int {
	if j.follows == nil {
		return source
	}
	return source - 1
}

// restart discards what was collected of the first input if it was another version.
func (j *job) restart() {
	if j.state.Base == j.follows.mark() {
		return
	}
	j.state.Base = j.follows.mark()
	for i := range j.state.Spans {
		if sp := &j.state.Spans[i]; sp.Source == 0 {
			sp.Count, sp.Done = 0, false
		}
	}
}

// keptInput reads a version of a dataset, to be kept as it is; nothing if it is nil.
func keptInput(v *store.Version) (input, error) {
	if v == nil {
		nothing := func(context.Context, data.Split) iter.Seq2[store.Row, error] {
			return func(func(store.Row, error) bool) {}
		}
		return input{rows: nothing, kept: true}, nil
	}
	in := storedInput(v)
	in.kept = true
	return in, nil
}

// cleanedInput reads a version, to be cleaned again.
func cleanedInput(v *store.Version) (input, error) {
	if v == nil {
		return input{}, badinput.Errorf("all versions were removed meanwhile")
	}
	return storedInput(v), nil
}
