package library

import (
	"context"
	"iter"

	"atelier/data"
	"atelier/data/store"
	"atelier/internal/badinput"
)

// A following is how a job follows the newest version of its dataset, which is its first
// input: what others make while it is at work is not lost.
type following struct {
	newest *store.Version // nil if there is none
	// read makes the input of a version, nil if there is none. Where it is nil the job ends
	// if another version becomes the newest.
	read func(*store.Version) (input, error)
}

// mark tells the version apart from others.
func (f *following) mark() string {
	if f == nil || f.newest == nil {
		return ""
	}
	return f.newest.Ref() + " " + f.newest.Hash()
}

// catchUp makes another version the first input if it has become the newest.
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
		return false, badinput.Errorf("%s was made meanwhile; give the command again", newest.Ref())
	case newest == nil:
		j.l.notice("%s was removed meanwhile: going on without it", f.newest.Ref())
	default:
		j.l.notice("%s was made meanwhile: going on from it", newest.Ref())
	}
	in, err := f.read(newest)
	if err != nil {
		return false, err
	}
	in.prepare()
	j.inputs[0], j.follows, j.manifest.Base = in, now, baseOf(newest)
	return true, nil
}

// id is how the journal knows a source. The version that is followed, of which it knows
// nothing, does not count.
func (j *job) id(source int) int {
	if j.follows == nil {
		return source
	}
	return source - 1
}

// restart forgets what was collected of the first input if that was of another version.
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

// keptInput reads what a dataset has, which stays as it is; of one that has no version,
// nothing.
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

// cleanedInput reads a version to be cleaned again.
func cleanedInput(v *store.Version) (input, error) {
	if v == nil {
		return input{}, badinput.Errorf("all versions were removed meanwhile")
	}
	return storedInput(v), nil
}
