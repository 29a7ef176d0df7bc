package tokenizer

import "math"

// none is the rank of a pair that is not merged.
const none = math.MaxInt32

// A merge is the token that a pair is merged into; pairs of lower rank are merged first.
type merge struct{ rank, id int32 }

// pairs maps pairs to merges, as a hash table with linear probing. The zero value is empty.
type pairs struct {
	keys   []uint64 // pair + 1; 0 for a free slot
	merges []merge
	n      int
}

func pairOf(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

// hash spreads the pairs over the table, whose size is a power of two.
func (p *pairs) hash(key uint64) uint64 {
	return key * 0x9E3779B97F4A7C15 >> 20 & uint64(len(p.keys)-1)
}

// of returns the merge of a pair, of rank none if there is none.
func (p *pairs) of(left, right int32) merge {
	if p.n == 0 || left < 0 || right < 0 {
		return merge{rank: none}
	}
	key := pairOf(left, right) + 1
	for at := p.hash(key); ; at = (at + 1) & uint64(len(p.keys)-1) {
		switch p.keys[at] {
		case key:
			return p.merges[at]
		case 0:
			return merge{rank: none}
		}
	}
}

// set sets the merge of a pair.
func (p *pairs) set(left, right int32, m merge) {
	if 2*p.n >= len(p.keys) {
		p.grow()
	}
	key := pairOf(left, right) + 1
	at := p.hash(key)
	for p.keys[at] != 0 && p.keys[at] != key {
		at = (at + 1) & uint64(len(p.keys)-1)
	}
	if p.keys[at] == 0 {
		p.n++
	}
	p.keys[at], p.merges[at] = key, m
}

func (p *pairs) grow() {
	old := *p
	size := max(1024, 2*len(old.keys))
	*p = pairs{keys: make([]uint64, size), merges: make([]merge, size)}
	for key, m := range old.all {
		p.set(int32((key)>>32), int32(uint32(key)), m)
	}
}

// all yields every pair and its merge, in no particular order.
func (p *pairs) all(yield func(uint64, merge) bool) {
	for i, key := range p.keys {
		if key != 0 && !yield(key-1, p.merges[i]) {
			return
		}
	}
}

// A queue holds positions of pairs, the lowest rank first, then the lowest position.
type queue []uint64

func place(rank, at int32) uint64 { return uint64(uint32(rank))<<32 | uint64(uint32(at)) }

// order makes a heap of the queue.
func (q queue) order() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

func (q *queue) push(p uint64) {
	*q = append(*q, p)
	h := *q
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if h[parent] <= p {
			break
		}
		h[i], h[parent] = h[parent], p
		i = parent
	}
}

func (q *queue) pop() (rank, at int32) {
	h := *q
	p := h[0]
	h[0] = h[len(h)-1]
	*q = h[:len(h)-1]
	q.sink(0)
	return int32(p >> 32), int32(uint32(p))
}

func (q queue) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(q) {
			return
		}
		if child+1 < len(q) && q[child+1] < q[child] {
			child++
		}
		if q[i] <= q[child] {
			return
		}
		q[i], q[child] = q[child], q[i]
		i = child
	}
}
