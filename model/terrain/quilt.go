package terrain

import (
	"context"
	"math"
	"math/rand/v2"

	"atelier/internal/noise"
)

// Sizes of pieces, in steps of the grid.
const (
	leastSide = 24
	usualSide = 72   // of a piece, unless the example is small
	looked    = 220  // pieces that are tried for one place
	drift     = 0.02 // what it costs to raise or lower a piece
)

// Quilt makes a landscape of a size out of pieces of an example, which are turned, mirrored, raised
// and lowered, so that they fit where they overlap, and joined along the line where they differ least
// (Efros and Freeman 2001, Image Quilting). The same seed gives the same. progress may be nil.
func Quilt(ctx context.Context, example *Field, w, h int, seed uint64, progress func(done, total int)) (*Field, error) {
	side := min(usualSide, min(example.W, example.H)*2/3, max(w, h))
	lap := side / 3
	step := side - lap
	q := &quilt{example: example, out: New(w, h), side: side, lap: lap, known: make([]bool, w*h), rng: noise.Stream(seed)}
	columns, rows := 1+max(0, w-lap-1)/step, 1+max(0, h-lap-1)/step
	for row := range rows {
		for column := range columns {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			q.place(column*step, row*step)
			if progress != nil {
				progress(row*columns+column+1, rows*columns)
			}
		}
	}
	q.out.normalise()
	return q.out, nil
}

// A quilt is a landscape in the making.
type quilt struct {
	example   *Field
	out       *Field
	side, lap int
	known     []bool // points that a piece covers
	rng       *rand.Rand
}

// A piece is a square of the example, mirrored and turned.
type piece struct {
	q                       *quilt
	x, y                    int
	mirror, upside, sideway bool
	raise                   float32
}

// at is the height at a point of the piece.
func (p *piece) at(x, y int) float32 {
	last := p.q.side - 1
	if p.mirror {
		x = last - x
	}
	if p.upside {
		y = last - y
	}
	if p.sideway {
		x, y = y, x
	}
	return p.q.example.Heights[(p.y+y)*p.q.example.W+p.x+x] + p.raise
}

// each calls do for the points of a piece at a place that lie in the landscape.
func (q *quilt) each(left, top int, do func(x, y, i int)) {
	for y := range min(q.side, q.out.H-top) {
		for x := range min(q.side, q.out.W-left) {
			do(x, y, (top+y)*q.out.W+left+x)
		}
	}
}

// place puts the piece that fits best of those that are tried in a place.
func (q *quilt) place(left, top int) {
	var best *piece
	least := math.Inf(1)
	for range looked {
		p := &piece{q: q, x: q.rng.IntN(q.example.W - q.side + 1), y: q.rng.IntN(q.example.H - q.side + 1),
			mirror: q.rng.IntN(2) == 1, upside: q.rng.IntN(2) == 1, sideway: q.rng.IntN(2) == 1}
		if cost := p.fit(left, top); cost < least {
			best, least = p, cost
		}
		if left == 0 && top == 0 {
			break
		}
	}
	q.join(best, left, top)
}

// fit raises the piece to the mean of what it overlaps, and returns how badly it fits there.
func (p *piece) fit(left, top int) float64 {
	n, sum, squares := 0, 0.0, 0.0
	p.raise = 0
	p.q.each(left, top, func(x, y, i int) {
		if p.q.known[i] && (x+y)%3 == 0 { // a third is enough
			d := float64(p.q.out.Heights[i] - p.at(x, y))
			n, sum, squares = n+1, sum+d, squares+d*d
		}
	})
	if n == 0 {
		return 0
	}
	mean := sum / float64(n)
	p.raise = float32(mean)
	return squares/float64(n) - mean*mean + drift*mean*mean
}

// join lays a piece into the landscape. In the overlap at the left and above, it begins at the line
// of least difference, and is blended with what is there over a third of the overlap.
func (q *quilt) join(p *piece, left, top int) {
	fromLeft := q.seam(func(along, across int) (float64, bool) { return q.apart(p, left, top, across, along) })
	fromTop := q.seam(func(along, across int) (float64, bool) { return q.apart(p, left, top, along, across) })
	soft := float64(q.lap) / 3
	share := func(distance float64) float64 { // of the piece
		t := min(1, max(0, distance/soft+0.5))
		return t * t * (3 - 2*t)
	}
	q.each(left, top, func(x, y, i int) {
		if !q.known[i] {
			q.out.Heights[i], q.known[i] = p.at(x, y), true
			return
		}
		s := 1.0
		if left > 0 && x < q.lap {
			s = min(s, share(float64(x-fromLeft[y])))
		}
		if top > 0 && y < q.lap {
			s = min(s, share(float64(y-fromTop[x])))
		}
		q.out.Heights[i] += float32(s) * (p.at(x, y) - q.out.Heights[i])
	})
}

// apart is how much a piece differs at a point from what is there; ok is false where nothing is.
func (q *quilt) apart(p *piece, left, top, x, y int) (d float64, ok bool) {
	if left+x >= q.out.W || top+y >= q.out.H {
		return 0, false
	}
	i := (top+y)*q.out.W + left + x
	d = float64(q.out.Heights[i] - p.at(x, y))
	return d * d, q.known[i]
}

// seam is the line of least difference along an overlap: for each point along it, how far across.
func (q *quilt) seam(apart func(along, across int) (float64, bool)) []int {
	cost := make([]float64, q.side*q.lap)
	for along := range q.side {
		for across := range q.lap {
			d, _ := apart(along, across)
			if along > 0 {
				before := math.Inf(1)
				for k := max(0, across-1); k <= min(q.lap-1, across+1); k++ {
					before = min(before, cost[(along-1)*q.lap+k])
				}
				d += before
			}
			cost[along*q.lap+across] = d
		}
	}
	line := make([]int, q.side)
	at, from, to := 0, 0, q.lap-1
	for along := q.side - 1; along >= 0; along-- {
		at = from
		for k := from; k <= to; k++ {
			if cost[along*q.lap+k] < cost[along*q.lap+at] {
				at = k
			}
		}
		line[along] = at
		from, to = max(0, at-1), min(q.lap-1, at+1)
	}
	return line
}
