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

// A banded is an Item, by its index in the set, with one of its bands.
type banded struct {
	band uint64
	item int32
}

func (b banded) compare(c banded) int {
	return cmp.Or(cmp.Compare(b.band, c.band), cmp.Compare(b.item, c.item))
}

const (
	bandsInMemory = 2 << 20
	bandedSize    = 12 // bytes in a file
)

// A bandSorter sorts any number of bands in little memory: sorted runs are written to a file and
// merged while reading.
type bandSorter struct {
	limit int // number sorted at a time
	chunk []banded
	file  *os.File
	ends  []int64 // ends of the runs in the file
}

func newBandSorter(path string) (*bandSorter, error) {
	f, err := os.Create(path)
	return &bandSorter{limit: bandsInMemory, file: f}, err
}

func (s *bandSorter) close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

func (s *bandSorter) add(b banded) error {
	s.chunk = append(s.chunk, b)
	if len(s.chunk) < s.limit {
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

// groups calls yield with the Items that share a band, ascending, for every band with several
// Items. The slice is reused.
func (s *bandSorter) groups(yield func(items []int32) error) error {
	var group []int32
	var band uint64
	hand := func() error {
		if len(group) < 2 {
			return nil
		}
		return yield(group)
	}
	err := s.merged(func(b banded) error {
		if b.band != band {
			if err := hand(); err != nil {
				return err
			}
			group, band = group[:0], b.band
		}
		if n := len(group); n == 0 || group[n-1] != b.item {
			group = append(group, b.item)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return hand()
}

// merged calls yield with all bands in order; none can be added afterwards.
func (s *bandSorter) merged(yield func(banded) error) error {
	if err := s.spill(); err != nil {
		return err
	}
	s.chunk = nil
	q, err := s.open()
	if err != nil {
		return err
	}
	for heap.Init(&q); len(q) > 0; {
		if err := yield(q[0].head); err != nil {
			return err
		}
		more, err := q[0].next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&q, 0)
		} else {
			heap.Pop(&q)
		}
	}
	return nil
}

// open starts reading every run of the file.
func (s *bandSorter) open() (runs, error) {
	var q runs
	begin := int64(0)
	for _, end := range s.ends {
		r := &bandRun{in: bufio.NewReaderSize(io.NewSectionReader(s.file, begin, end-begin), 64<<10)}
		more, err := r.next()
		if err != nil {
			return nil, err
		}
		if more {
			q = append(q, r)
		}
		begin = end
	}
	return q, nil
}

// A bandRun is a sorted run being read.
type bandRun struct {
	in   *bufio.Reader
	head banded
}

// next reads the next band of the run; false at the end.
func (r *bandRun) next() (bool, error) {
	var b [bandedSize]byte
	_, err := io.ReadFull(r.in, b[:])
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.head = banded{binary.LittleEndian.Uint64(b[:]), int32(binary.LittleEndian.Uint32(b[8:]))}
	return true, nil
}

// runs is a heap of runs, ordered by their next band.
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
