package blend

import (
	"context"
	"math"
)

// A grid is one level of a multigrid: a picture with a rim of one pixel around it. What is known
// has the value 0 in every equation, for what is solved for is a correction.
type grid struct {
	w, h   int       // of the picture
	stride int       // of a row, with the rim
	pivot  []float32 // 1 over the number of neighbours within the picture where the value is unknown, 0 elsewhere
	x, b   []float32
	r      []float32
}

// coarsest is the side below which a level is solved by itself.
const coarsest = 4

func newGrid(w, h int, unknown func(x, y int) bool) *grid {
	g := &grid{w: w, h: h, stride: w + 2}
	n := g.stride * (h + 2)
	g.pivot, g.x, g.b, g.r = make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	for y := range h {
		for x := range w {
			if unknown(x, y) {
				neighbours := min(x, 1) + min(y, 1) + min(w-1-x, 1) + min(h-1-y, 1)
				g.pivot[g.at(x, y)] = 1 / float32(max(neighbours, 1))
			}
		}
	}
	return g
}

func (g *grid) at(x, y int) int { return (y+1)*g.stride + x + 1 }

// pyramid returns a grid and its coarser ones, each of every other pixel.
func pyramid(w, h int, unknown func(x, y int) bool) []*grid {
	all := []*grid{newGrid(w, h, unknown)}
	for g := all[0]; min(g.w, g.h) > coarsest; g = all[len(all)-1] {
		all = append(all, newGrid((g.w+1)/2, (g.h+1)/2, func(x, y int) bool { return g.pivot[g.at(2*x, 2*y)] > 0 }))
	}
	return all
}

// smooth solves each equation of a colour of the chequerboard for its own value.
func (g *grid) smooth(colour int) {
	x, b, s := g.x, g.b, g.stride
	for row := range g.h {
		from := g.at((row+colour)&1, row)
		end := g.at(g.w, row)
		for i := from; i < end; i += 2 {
			x[i] = (b[i] + x[i-1] + x[i+1] + x[i-s] + x[i+s]) * g.pivot[i]
		}
	}
}

// residual writes what is missing in each equation.
func (g *grid) residual() {
	x, b, r, s := g.x, g.b, g.r, g.stride
	for row := range g.h {
		for i, end := g.at(0, row), g.at(g.w, row); i < end; i++ {
			if p := g.pivot[i]; p > 0 {
				r[i] = b[i] - x[i]/p + x[i-1] + x[i+1] + x[i-s] + x[i+s]
			} else {
				r[i] = 0
			}
		}
	}
}

// restrict hands the residual to the coarser level, by the transpose of [grid.prolong].
func (g *grid) restrict(coarse *grid) {
	r, s := g.r, g.stride
	for row := range coarse.h {
		for column := range coarse.w {
			i, to := g.at(2*column, 2*row), coarse.at(column, row)
			if coarse.pivot[to] == 0 {
				coarse.b[to] = 0
				continue
			}
			sum := r[i] + (r[i-1]+r[i+1]+r[i-s]+r[i+s])/2
			sum += (r[i-s-1] + r[i-s+1] + r[i+s-1] + r[i+s+1]) / 4
			coarse.b[to] = sum
		}
	}
}

// prolong adds the correction of the coarser level, between whose pixels it is linear.
func (g *grid) prolong(coarse *grid) {
	for row := range g.h {
		above := coarse.at(0, row/2)
		below := above
		if row&1 == 1 {
			below += coarse.stride
		}
		for column := range g.w {
			i := g.at(column, row)
			if g.pivot[i] == 0 {
				continue
			}
			a, b := above+column/2, below+column/2
			if column&1 == 0 {
				g.x[i] += (coarse.x[a] + coarse.x[b]) / 2
			} else {
				g.x[i] += (coarse.x[a] + coarse.x[a+1] + coarse.x[b] + coarse.x[b+1]) / 4
			}
		}
	}
}

// cycle improves the solution of the first level once. As its steps mirror one another, it is a
// symmetric preconditioner.
func cycle(levels []*grid) {
	g := levels[0]
	clear(g.x)
	if len(levels) == 1 {
		for range 16 {
			g.smooth(0)
			g.smooth(1)
			g.smooth(1)
			g.smooth(0)
		}
		return
	}
	g.smooth(0)
	g.smooth(1)
	g.residual()
	g.restrict(levels[1])
	cycle(levels[1:])
	g.prolong(levels[1])
	g.smooth(1)
	g.smooth(0)
}

// The solver stops when the residual is so small beside the first one, or after so many steps.
const (
	tolerance = 2e-5
	mostSteps = 100
)

// A solver solves equations one after the other, in the same memory.
type solver struct {
	levels []*grid
	x, p   []float32 // of the shape of the first grid's: the solution, and the direction of search
}

// solve solves for the right side b of the first grid, by conjugate gradients that are preconditioned by a
// cycle of the multigrid. As memory is what bounds the size of pictures, b becomes what is left of it, and
// the grid's r is lent where no cycle needs it. The solution is overwritten by the next.
func (s *solver) solve(ctx context.Context) ([]float32, error) {
	levels, g := s.levels, s.levels[0]
	x, r, p, q := s.x, g.b, s.p, g.r
	clear(x)
	precondition := func() []float32 {
		cycle(levels)
		return g.x
	}
	copy(p, precondition())
	rz, first := inner(r, p), inner(r, r)
	for range mostSteps {
		if rz <= 0 || inner(r, r) <= tolerance*tolerance*first {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.times(q, p)
		a := float32(rz / inner(p, q))
		for i := range x {
			x[i] += a * p[i]
			r[i] -= a * q[i]
		}
		z := precondition()
		before := rz
		rz = inner(r, z)
		b := float32(rz / before)
		for i := range p {
			p[i] = z[i] + b*p[i]
		}
	}
	return x, nil
}

// times multiplies the matrix of the equations with a vector.
func (g *grid) times(out, x []float32) {
	s := g.stride
	for row := range g.h {
		for i, end := g.at(0, row), g.at(g.w, row); i < end; i++ {
			if p := g.pivot[i]; p > 0 {
				out[i] = x[i]/p - x[i-1] - x[i+1] - x[i-s] - x[i+s]
			}
		}
	}
}

func inner(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	if math.IsNaN(sum) {
		return 0
	}
	return sum
}
