package library

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"

	"atelier/data"
)

// An order holds the Items of a job in the order of the set, with the part of each that is kept in
// memory for sets of any size.
type order struct {
	at     []int64     // place in the spool
	label  []int32     // index in labels
	kept   []bool      // it is from the existing version
	test   []bool      // it belongs to the test part
	drawn  []bool      // its part was drawn by its hash, not given by its source
	gone   []bool      // it is dropped
	rank   []data.Rank // among its duplicates, for the last comparing cleaner
	labels []string

	sorted bool    // at is ascending
	byAt   []int32 // places in the set by place in the spool, if not sorted
}

// A reading reads one record of a spool, completely or in part.
type reading func(io.Reader, *record) (int64, error)

// walk calls yield for every record of the job, in the order of the set: by source as named, the
// training part first, in the order of the source, or by name if a source has no order of its own.
func (j *job) walk(ctx context.Context, read reading, yield func(at int64, in *input, r *record) error) error {
	if err := j.spool.out.Flush(); err != nil {
		return err
	}
	var r record
	for _, sp := range j.state.Spans {
		in := &j.inputs[sp.Source]
		if sp.ByName {
			err := j.journal.places(ctx, j.id(sp.Source), sp.Split, func(at int64) error {
				if _, err := read(j.spool.from(at), &r); err != nil {
					return err
				}
				return yield(at, in, &r)
			})
			if err != nil {
				return err
			}
			continue
		}
		buffered := bufio.NewReaderSize(io.NewSectionReader(j.spool.file, sp.Begin, sp.End-sp.Begin), 1<<20)
		for at := sp.Begin; at < sp.End; {
			size, err := read(buffered, &r)
			if err != nil {
				return err
			}
			if err := errors.Join(yield(at, in, &r), ctx.Err()); err != nil {
				return err
			}
			at += size
		}
	}
	return nil
}

// add appends an Item.
func (o *order) add(place int64, r *record, labels map[string]int32, kept, drawn, test bool) error {
	if len(o.at) == math.MaxInt32 {
		return fmt.Errorf("a set of more than %d Items", math.MaxInt32)
	}
	label, ok := labels[r.Label]
	if !ok {
		label = int32(len(o.labels))
		labels[r.Label], o.labels = label, append(o.labels, r.Label)
	}
	if n := len(o.at); n > 0 && place < o.at[n-1] {
		o.sorted = false
	}
	o.at = append(o.at, place)
	o.label = append(o.label, label)
	o.kept, o.drawn, o.test = append(o.kept, kept), append(o.drawn, drawn), append(o.test, test)
	o.gone = append(o.gone, r.Drop != nil)
	return nil
}

// index prepares the lookup of Items by their offset in the spool.
func (o *order) index() {
	if o.sorted {
		return
	}
	o.byAt = make([]int32, len(o.at))
	for i := range o.byAt {
		o.byAt[i] = int32(i)
	}
	slices.SortFunc(o.byAt, func(a, b int32) int { return cmp.Compare(o.at[a], o.at[b]) })
}

// find is the index in the set of the Item at an offset of the spool; false if it is from a version
// that is no longer followed.
func (o *order) find(at int64) (int32, bool) {
	if o.sorted {
		i, ok := slices.BinarySearch(o.at, at)
		return int32(i), ok
	}
	i := sort.Search(len(o.byAt), func(i int) bool { return o.at[o.byAt[i]] >= at })
	if i == len(o.byAt) || o.at[o.byAt[i]] != at {
		return 0, false
	}
	return o.byAt[i], true
}
