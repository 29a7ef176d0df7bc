package library

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
)

// mostLeaders bounds how many different Items of one band the others are compared
// with, so that a band that very many share does not cost all pairs.
const mostLeaders = 64

// alike returns, for every Item, the first of those that it is alike to, directly
// or through others, by one comparing cleaner: a forest in which an Item that is
// like no other is its own root. Dropped Items are left aside.
func (j *job) alike(ctx context.Context, k int, o *order) (roots, error) {
	sigs, err := newSignatures(j.sketches[k], len(o.at))
	if err != nil {
		return nil, err
	}
	sorter, err := newBandSorter(filepath.Join(j.dir, "bands"))
	if err != nil {
		return nil, err
	}
	defer sorter.close()
	err = sigs.file.each(func(s sketched) error {
		i := o.find(s.item)
		if o.gone[i] {
			return ctx.Err()
		}
		sigs.at[i], sigs.size[i] = s.signature, uint16(s.size)
		for _, b := range s.bands {
			if err := sorter.add(banded{b, i}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r := newRoots(len(o.at))
	var leaders []int32
	err = sorter.groups(func(items []int32) error {
		leaders = leaders[:0]
		for _, i := range items {
			joined, err := j.join(r, sigs, k, i, leaders)
			if err != nil {
				return err
			}
			if !joined && len(leaders) < mostLeaders {
				leaders = append(leaders, i)
			}
		}
		return ctx.Err()
	})
	return r, err
}

// join unites an Item with those of the leaders that it is alike to.
func (j *job) join(r roots, sigs *signatures, k int, i int32, leaders []int32) (joined bool, err error) {
	own, err := sigs.read(i)
	if err != nil {
		return false, err
	}
	own = slices.Clone(own)
	for _, l := range leaders {
		if r.root(l) == r.root(i) {
			joined = true
			continue
		}
		if sigs.refused[[2]int32{l, i}] {
			continue
		}
		other, err := sigs.read(l)
		if err != nil {
			return false, err
		}
		if !j.comparing[k].Alike(other, own) {
			sigs.refuse(l, i)
			continue
		}
		r.unite(l, i)
		joined = true
	}
	return joined, nil
}

// signatures finds the signature of an Item by its place in the set.
type signatures struct {
	file   sketchFile
	at     []int64
	size   []uint16
	buffer []byte
	// refused are pairs that are not alike, since pairs share several bands.
	refused map[[2]int32]bool
}

// mostRefused bounds how many pairs are remembered.
const mostRefused = 1 << 20

// refuse remembers that a pair is not alike.
func (s *signatures) refuse(a, b int32) {
	if len(s.refused) == mostRefused {
		clear(s.refused)
	}
	s.refused[[2]int32{a, b}] = true
}

func newSignatures(file sketchFile, n int) (*signatures, error) {
	return &signatures{file, make([]int64, n), make([]uint16, n), make([]byte, largestSignature), map[[2]int32]bool{}}, file.out.Flush()
}

// read returns a signature; the next call overwrites it.
func (s *signatures) read(i int32) ([]byte, error) {
	b := s.buffer[:s.size[i]]
	n, err := s.file.file.ReadAt(b, s.at[i])
	if n == len(b) {
		err = nil
	}
	return b, errors.Join(err)
}

// roots is a forest of Items: entry i is an Item of the same tree, itself at the
// root (Tarjan 1975). The root is the lowest of its tree.
type roots []int32

func newRoots(n int) roots {
	r := make(roots, n)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}

func (r roots) root(i int32) int32 {
	for r[i] != i {
		r[i] = r[r[i]]
		i = r[i]
	}
	return i
}

func (r roots) unite(a, b int32) {
	a, b = r.root(a), r.root(b)
	r[max(a, b)] = min(a, b)
}
