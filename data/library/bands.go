package library

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// A banded is an Item, by its place in the set, that has a band.
type banded struct {
	band uint64
	item int32
}

func (b banded) compare(c banded) int {
	return cmp.Or(cmp.Compare(b.band, c.band), cmp.Compare(b.item, c.item))
}

const (
	bandsInMemory = 2 << 20 // that many are sorted at a time
	bandedSize    = 12      // bytes in a file
)

// A bandSorter sorts any number of bands in little memory: sorted runs go to a
// file and are merged as they are read.
type bandSorter struct {
	chunk []banded
	file  *os.File
	ends  []int64 // of the runs in the file
}

func newBandSorter(path string) (*bandSorter, error) {
	f, err := os.Create(path)
	return &bandSorter{file: f}, err
}

func (s *bandSorter) close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

func (s *bandSorter) add(b banded) error {
	s.chunk = append(s.chunk, b)
	if len(s.chunk) < bandsInMemory {
		return nil
	}
	return s.spill()
}

// spill writes a sorted run.
func (s *bandSorter) spill() error {
	slices.SortFunc(s.chunk, banded.compare)
	w := bufio.NewWriterSize(s.file, 1<<20)
	var b [bandedSize]byte
	for _, x := range s.chunk {
		binary.LittleEndian.PutUint64(b[:], x.band)
		binary.LittleEndian.PutUint32(b[8:], uint32(x.item))
		if _, err := w.Write(b[:]); err != nil {
			return err
		}
	}
	end := int64(len(s.chunk)) * bandedSize
	if n := len(s.ends); n > 0 {
		end += s.ends[n-1]
	}
	s.ends, s.chunk = append(s.ends, end), s.chunk[:0]
	return w.Flush()
}

// groups calls yield with the Items that share a band, ascending, for every band
// that several have. The slice is reused.
func (s *bandSorter) groups(yield func(items []int32) error) error {
	if err := s.spill(); err != nil {
		return err
	}
	s.chunk = nil
	var q runs
	begin := int64(0)
	for _, end := range s.ends {
		r := &bandRun{in: bufio.NewReaderSize(io.NewSectionReader(s.file, begin, end-begin), 64<<10)}
		if more, err := r.next(); err != nil {
			return err
		} else if more {
			q = append(q, r)
		}
		begin = end
	}
	heap.Init(&q)
	var group []int32
	var band uint64
	for len(q) > 0 {
		r := q[0]
		if r.head.band != band {
			if len(group) > 1 {
				if err := yield(group); err != nil {
					return err
				}
			}
			group, band = group[:0], r.head.band
		}
		if n := len(group); n == 0 || group[n-1] != r.head.item {
			group = append(group, r.head.item)
		}
		more, err := r.next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&q, 0)
		} else {
			heap.Pop(&q)
		}
	}
	if len(group) > 1 {
		return yield(group)
	}
	return nil
}

// A bandRun is a sorted run that is being read.
type bandRun struct {
	in   *bufio.Reader
	head banded
}

func (r *bandRun) next() (bool, error) {
	var b [bandedSize]byte
	_, err := io.ReadFull(r.in, b[:])
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	r.head = banded{binary.LittleEndian.Uint64(b[:]), int32(binary.LittleEndian.Uint32(b[8:]))}
	return true, err
}

// runs is a heap of runs by their heads.
type runs []*bandRun

func (q runs) Len() int           { return len(q) }
func (q runs) Less(i, j int) bool { return q[i].head.compare(q[j].head) < 0 }
func (q runs) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *runs) Push(x any)        { *q = append(*q, x.(*bandRun)) }
func (q *runs) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
