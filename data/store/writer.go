package store

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	"atelier/data"
)

const (
	groupBytes = 8 << 20   // of content in a row group, several of which are in memory at once
	groupRows  = 8192      // in a row group
	shardBytes = 64 << 20  // of content in a shard
	itemBytes  = 256 << 20 // in an Item
)

// A Writer takes the rows of a new version in the order of the set. It encodes and compresses them
// in the background on all cores; the result does not depend on their number. It is used by one
// goroutine, and keeps the bytes of a row until the version is written.
type Writer struct {
	ctx      context.Context
	dir      string
	content  content // columns needed by all rows so far
	narrow   bool    // whether a shard lacks one of them
	pending  map[data.Split]*rowGroup
	open     map[data.Split]*shard
	shards   []*shard
	inflight []*rowGroup // in the order of writing
	root     rootHash
	length   map[data.Split]int64 // rows so far, with tombstones
	tombs    []Tombstone
	tally    tally
	err      error // the first error
}

func newWriter(ctx context.Context, dir string, c content) *Writer {
	w := &Writer{
		ctx: ctx, dir: dir, content: c, root: newRootHash(), tally: newTally(),
		pending: map[data.Split]*rowGroup{}, open: map[data.Split]*shard{}, length: map[data.Split]int64{},
	}
	for _, p := range parts {
		w.pending[p] = &rowGroup{split: p}
	}
	return w
}

// Add appends a row. Its SHA256 may be zero. Invalid UTF-8 in strings is replaced, and times are
// kept to the microsecond.
func (w *Writer) Add(r Row) error {
	switch {
	case r.Split != data.Train && r.Split != data.Test:
		return w.fail(fmt.Errorf("%s: there is no part %q; there are train and test", r.Name, r.Split))
	case len(r.Bytes) > itemBytes:
		return w.fail(fmt.Errorf("%s: has %d bytes, more than the %d that an Item may have", r.Name, len(r.Bytes), itemBytes))
	}
	g := w.pending[r.Split]
	g.rows = append(g.rows, r)
	g.content |= contentOf(&r.Item)
	w.tally.add(&r)
	return w.grew(g, len(r.Bytes)+len(r.Caption))
}

// Drop appends a dropped Item, with its bytes if given.
func (w *Writer) Drop(r DropRow) error {
	if len(r.Bytes) > itemBytes {
		return w.fail(fmt.Errorf("%s: has %d bytes, more than the %d that an Item may have", r.Name, len(r.Bytes), itemBytes))
	}
	g := w.pending[dropped]
	g.drops = append(g.drops, r)
	w.tally.drop(&r)
	return w.grew(g, len(r.Bytes)+len(r.Drop.Detail))
}

// bury appends a tombstone in place of a row.
func (w *Writer) bury(t Tombstone) error {
	g := w.pending[t.Split]
	g.tombs = append(g.tombs, tomb{g.len(), t})
	return w.grew(g, 0)
}

// grew encodes the row group once it is large enough.
func (w *Writer) grew(g *rowGroup, bytes int) error {
	g.bytes += int64(bytes)
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil || g.bytes < groupBytes && g.len()+len(g.tombs) < groupRows {
		return w.err
	}
	return w.fail(w.send(g))
}

// send starts to encode the row group, and writes the oldest one if all cores are busy.
func (w *Writer) send(g *rowGroup) error {
	w.pending[g.split] = &rowGroup{split: g.split}
	if g.len() > 0 {
		if err := w.place(g); err != nil {
			return err
		}
	}
	g.done = make(chan struct{})
	w.inflight = append(w.inflight, g)
	go func() {
		defer close(g.done)
		g.err = g.encode()
	}()
	for len(w.inflight) > runtime.GOMAXPROCS(0) {
		if err := w.commit(); err != nil {
			return err
		}
	}
	return nil
}

// place assigns the row group to a shard with its columns and enough room.
func (w *Writer) place(g *rowGroup) error {
	columns := w.content
	if g.split == dropped {
		columns = inImage | inText | inFile
	} else if g.content&^w.content != 0 {
		w.content |= g.content
		columns = w.content
	}
	s := w.open[g.split]
	if s != nil && s.content != columns || s != nil && g.split != dropped && s.bytes >= shardBytes {
		if err := s.fill(); err != nil {
			return err
		}
		s = nil
	}
	if s == nil {
		var err error
		if s, err = newShard(w.dir, g.split, w.count(g.split), columns); err != nil {
			return err
		}
		w.open[g.split] = s
		w.shards = append(w.shards, s)
	}
	s.begin(g)
	return nil
}

func (w *Writer) count(split data.Split) (n int) {
	for _, s := range w.shards {
		if s.split == split {
			n++
		}
	}
	return n
}

// commit writes the oldest row group being encoded.
func (w *Writer) commit() error {
	g := w.inflight[0]
	w.inflight = w.inflight[1:]
	<-g.done
	if g.err != nil {
		return g.err
	}
	next := 0
	add := func(digest [32]byte) {
		w.root[g.split].Write(digest[:])
		w.length[g.split]++
	}
	for i := 0; i <= len(g.digests); i++ {
		for ; next < len(g.tombs) && g.tombs[next].before == i; next++ {
			t := g.tombs[next].Tombstone
			t.At = w.length[g.split]
			w.tombs = append(w.tombs, t)
			add(t.digest())
		}
		if i < len(g.digests) {
			add(g.digests[i])
		}
	}
	if g.shard == nil {
		return nil
	}
	return g.shard.commit(g)
}

// finish writes the rest and fills in the counts of the manifest.
func (w *Writer) finish(m *Manifest) error {
	for _, p := range parts {
		if g := w.pending[p]; w.err == nil && g.len()+len(g.tombs) > 0 {
			w.fail(w.send(g))
		}
	}
	for w.err == nil && len(w.inflight) > 0 {
		w.fail(w.commit())
	}
	for _, p := range parts {
		if s := w.open[p]; w.err == nil && s != nil {
			w.fail(s.fill())
		}
	}
	if w.err != nil {
		w.abandon()
		return w.err
	}
	m.Format, m.Counts, m.Licences, m.Root = Format, w.tally.Counts, w.tally.licences, w.root.sum()
	m.Shards, m.Tombstones = nil, w.tombs
	for _, s := range w.shards {
		m.Shards = append(m.Shards, s.record())
		w.narrow = w.narrow || s.split != dropped && s.content != w.content
	}
	slices.SortStableFunc(m.Shards, func(a, b Shard) int {
		return cmp.Compare(slices.Index(parts, a.Split), slices.Index(parts, b.Split))
	})
	return nil
}

// abandon stops the encoding, so that the files can be deleted.
func (w *Writer) abandon() {
	for _, g := range w.inflight {
		<-g.done
	}
	for _, s := range w.shards {
		s.file.Close()
	}
}

// fail keeps the first error; nothing is written after it.
func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return w.err
}
