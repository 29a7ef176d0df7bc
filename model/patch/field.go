package patch

import (
	"context"
	"math"

	"atelier/internal/noise"
)

// A field holds the chosen patch of a key picture for each patch of a query.
type field struct {
	to       []int32 // its position in the grid of the key
	cost     []int64
	nextTo   []int32 // of the pass in progress
	nextCost []int64
}

func newField(n int) *field {
	return &field{make([]int32, n), make([]int64, n), make([]int32, n), make([]int64, n)}
}

// A search finds the patches of a key picture nearest to those of a query (PatchMatch, Barnes et
// al. 2009). The cost of a patch is (d + pull·far²)·weight, for its squared distance d, its
// horizontal and vertical offset from the target, and its own weight.
type search struct {
	m          Matcher
	query, key *picture
	targets    []int32  // positions in the query; nil: all, numbered by position
	number     []int32  // index among targets of a position, -1 if it is none; nil: the position itself
	allowed    []bool   // allowed positions of the key; nil: all
	weight     []int64  // of each position of the key; nil: 1
	pull       [2]int64 // horizontal and vertical, scaled by 1<<16
}

const noCost = math.MaxInt64

// place is the position of a target.
func (s *search) place(target int) int {
	if s.targets == nil {
		return target
	}
	return int(s.targets[target])
}

// at is the target at a position of the query, -1 if it is none.
func (s *search) at(place int) int {
	if s.number == nil {
		return place
	}
	return int(s.number[place])
}

func (s *search) count() int {
	if s.targets != nil {
		return len(s.targets)
	}
	w, h := s.query.places()
	return w * h
}

// tries is the largest number of candidates measured at once.
const tries = 32

// A trial is the search for one target.
type trial struct {
	*search
	x, y   int // position of the target in the query
	block  int // its first byte
	kw, kh int // the grid of the key
	best   int32
	cost   int64
	n      int // number of candidates
	places [tries]int32
	bytes  [tries]int32
	most   [tries]int64 // squared distance below which it is an improvement
	found  [tries]int32
}

func (s *search) trial() *trial {
	t := &trial{search: s}
	t.kw, t.kh = s.key.places()
	return t
}

// begin switches to another target.
func (t *trial) begin(place int, best int32, cost int64) {
	w, _ := t.query.places()
	t.x, t.y = place%w, place/w
	t.block = (t.y*t.query.w + t.x) * t.query.c
	t.best, t.cost, t.n = best, cost, 0
}

// add adds a patch of the key as a candidate, if allowed.
func (t *trial) add(x, y int) {
	if x < 0 || y < 0 || x >= t.kw || y >= t.kh || t.n == tries {
		return
	}
	place := int32(y*t.kw + x)
	if t.allowed != nil && !t.allowed[place] || place == t.best && t.cost < noCost {
		return
	}
	t.places[t.n] = place
	t.bytes[t.n] = int32((y*t.key.w + x) * t.key.c)
	t.n++
}

func (t *trial) far(place int32) int64 {
	if t.pull == [2]int64{} {
		return 0
	}
	dx, dy := int64(t.x-int(place)%t.kw), int64(t.y-int(place)/t.kw)
	return (t.pull[0]*dx*dx + t.pull[1]*dy*dy) >> 16
}

func (t *trial) weightOf(place int32) int64 {
	if t.weight == nil {
		return 1
	}
	return t.weight[place]
}

// settle measures the candidates and takes the first of the cheapest.
func (t *trial) settle() {
	limit, n := int64(-1), 0
	for i := range t.n {
		place := t.places[i]
		most := (t.cost-1)/t.weightOf(place) - t.far(place)
		if most < 0 {
			continue
		}
		t.places[n], t.bytes[n], t.most[n] = place, t.bytes[i], most
		limit = max(limit, most)
		n++
	}
	t.n = 0
	if n == 0 {
		return
	}
	t.m.Distances(t.found[:n], t.bytes[:n], t.query.pix[t.block:], t.query.stride(), t.key.pix, t.key.stride(),
		side*t.query.c, side, int32(min(limit, math.MaxInt32)))
	for i, d := range t.found[:n] {
		if int64(d) > t.most[i] {
			continue
		}
		place := t.places[i]
		if cost := (int64(d) + t.far(place)) * t.weightOf(place); cost < t.cost {
			t.best, t.cost = place, cost
		}
	}
}

// pass improves a field once: each target tries the choices of its neighbours at a stride, and
// random patches around the best of these in windows of halving radius. It reads the field of the
// previous pass, so that the order of targets does not matter.
func (s *search) pass(ctx context.Context, f *field, stride, radius int, seed uint64) error {
	w, h := s.query.places()
	err := blocks(ctx, s.m, s.count(), 1024, func(from, to int) {
		t := s.trial()
		for i := from; i < to; i++ {
			t.begin(s.place(i), f.to[i], f.cost[i])
			for _, o := range [4][2]int{{-stride, 0}, {stride, 0}, {0, -stride}, {0, stride}} {
				x, y := t.x+o[0], t.y+o[1]
				if x < 0 || y < 0 || x >= w || y >= h {
					continue
				}
				if n := s.at(y*w + x); n >= 0 {
					taken := int(f.to[n])
					t.add(taken%t.kw-o[0], taken/t.kw-o[1])
				}
			}
			t.settle()
			x, y := int(t.best)%t.kw, int(t.best)/t.kw
			bits := noise.Bits(seed ^ uint64(t.y*w+t.x))
			for r := radius; r >= 1; r /= 2 {
				bits = noise.Bits(bits)
				t.add(x+below(bits, 2*r+1)-r, y+below(bits>>32, 2*r+1)-r)
			}
			t.settle()
			f.nextTo[i], f.nextCost[i] = t.best, t.cost
		}
	})
	f.to, f.nextTo = f.nextTo, f.to
	f.cost, f.nextCost = f.nextCost, f.cost
	return err
}

// strides are the strides of successive passes.
var strides = [4]int{1, 4, 2, 1}

// passes improves a field several times.
func (s *search) passes(ctx context.Context, f *field, n, radius int, seed uint64) error {
	for i := range n {
		if err := s.pass(ctx, f, strides[i%len(strides)], radius, key(seed, uint64(i))); err != nil {
			return err
		}
	}
	return nil
}

// measure recomputes the costs of the chosen patches.
func (s *search) measure(ctx context.Context, f *field) error {
	return blocks(ctx, s.m, s.count(), 1024, func(from, to int) {
		t := s.trial()
		for i := from; i < to; i++ {
			t.begin(s.place(i), f.to[i], noCost)
			t.add(int(f.to[i])%t.kw, int(f.to[i])/t.kw)
			t.settle()
			f.cost[i] = t.cost
		}
	})
}
