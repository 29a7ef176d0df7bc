package patch

import (
	"context"
	"math"
	"slices"
)

// share is the number of parts of an exact search, whatever the number of threads.
const share = 4

// fewPairs is the number of pairs up to which one thread is used.
const fewPairs = 1 << 18

// one is the unit of weights: the weight of a source patch is one over the distance that normalizes
// it.
const one = 1 << 40

// match finds for each patch of query the patch of key with the smallest squared distance,
// normalized by alpha plus the smallest distance of that key patch to any of query (Granot et al.
// 2021, arXiv:2103.15545, eq. 3): a small alpha uses all of the key. A vertical offset costs level
// times its square.
//
// It visits all pairs, one displacement after another, with sliding window sums, and keeps all
// distances for the second pass.
func (e *exact) match(ctx context.Context, m Matcher, query, key *picture, alpha, level int64) ([]int32, error) {
	qw, qh := query.places()
	kw, kh := key.places()
	each := 1 // parts per task
	if qw*qh*kw*kh < fewPairs {
		each = share
	}
	if err := blocks(ctx, m, share, each, func(part, end int) {
		for ; part < end; part++ {
			s := &e.parts[part]
			s.m, s.query, s.key, s.level, s.part = m, query, key, level, part
			s.least = slices.Repeat([]int32{math.MaxInt32}, kw*kh)
			s.measure(ctx)
		}
	}); err != nil {
		return nil, err
	}
	weight := make([]int64, kw*kh)
	for i := range weight {
		least := e.parts[0].least[i]
		for _, s := range e.parts[1:] {
			least = min(least, s.least[i])
		}
		weight[i] = one / (alpha + int64(least))
	}
	if err := blocks(ctx, m, share, each, func(part, end int) {
		for ; part < end; part++ {
			e.parts[part].choose(qw*qh, weight)
		}
	}); err != nil {
		return nil, err
	}
	to, cost := e.parts[0].best, e.parts[0].cost
	for _, s := range e.parts[1:] {
		for i, c := range s.cost {
			if c < cost[i] || c == cost[i] && s.best[i] < to[i] {
				to[i], cost[i] = s.best[i], c
			}
		}
	}
	return to, nil
}

// An exact search visits all pairs of patches. It reuses its memory.
type exact struct{ parts [share]sweep }

// A sweep is a part of an exact search: every fourth vertical displacement.
type sweep struct {
	m          Matcher
	query, key *picture
	level      int64
	part       int

	runs      []run
	distances []int32 // of all runs, consecutively
	least     []int32 // for each patch of the key
	best      []int32 // for each patch of the query
	cost      []int64
}

// A run is a row of pairs of patches, from given places of the query and the key on.
type run struct{ query, key, n int32 }

// measure computes the distances of the part.
func (s *sweep) measure(ctx context.Context) {
	columns := make([]int32, s.query.w)
	ring := make([]int32, side*s.query.w)
	qw, qh := s.query.places()
	kw, kh := s.key.places()
	s.distances, s.runs = s.distances[:0], s.runs[:0]
	if most := qw * kw * (qh*kh/share + qh + kh); cap(s.distances) < most {
		s.distances = make([]int32, 0, most)
	}
	for dy := 1 - qh + s.part; dy < kh && ctx.Err() == nil; dy += share {
		far := int32(min(s.level*int64(dy*dy), 1<<30))
		for dx := 1 - qw; dx < kw; dx++ {
			s.displaced(dx, dy, far, columns, ring)
		}
	}
}

// displaced measures the patches of the query against those of the key at an offset of dx and dy.
func (s *sweep) displaced(dx, dy int, far int32, columns, ring []int32) {
	q, k := s.query, s.key
	x0, x1 := max(0, -dx), min(q.w, k.w-dx)
	y0, y1 := max(0, -dy), min(q.h, k.h-dy)
	w := x1 - x0
	qw, _ := q.places()
	kw, _ := k.places()
	clear(columns[:w])
	clear(ring)
	for y := y0; y < y1; y++ {
		a := q.pix[(y*q.w+x0)*4 : (y*q.w+x1)*4]
		b := k.pix[((y+dy)*k.w+x0+dx)*4 : ((y+dy)*k.w+x1+dx)*4]
		s.m.Slide(columns[:w], ring[(y-y0)%side*q.w:][:w], a, b)
		if y-y0 < side-1 {
			continue
		}
		n := w - side + 1
		at := len(s.distances)
		s.distances = s.distances[:at+n]
		d := s.distances[at:]
		s.m.Windows(d, columns[:w], far)
		top := y - side + 1
		r := run{int32(top*qw + x0), int32((top+dy)*kw + x0 + dx), int32(n)}
		s.runs = append(s.runs, r)
		least := s.least[r.key:][:n]
		for i, v := range d {
			least[i] = min(least[i], v)
		}
	}
}

// choose selects for each of n patches of the query the cheapest of this part.
func (s *sweep) choose(n int, weight []int64) {
	s.best, s.cost = make([]int32, n), make([]int64, n)
	for i := range s.cost {
		s.cost[i] = noCost
	}
	at := 0
	for _, r := range s.runs {
		d := s.distances[at:][:r.n]
		at += int(r.n)
		best, cost, w := s.best[r.query:][:r.n], s.cost[r.query:][:r.n], weight[r.key:][:r.n]
		for i, v := range d {
			if c := int64(v) * w[i]; c < cost[i] || c == cost[i] && r.key+int32(i) < best[i] {
				cost[i], best[i] = c, r.key+int32(i)
			}
		}
	}
}
