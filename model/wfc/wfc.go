// Package wfc makes grids that look like an example in every small window: wave function collapse,
// the overlapping model of Maxim Gumin (2016, github.com/mxgmn/WaveFunctionCollapse), which is
// texture synthesis by constraints (Karth and Smith 2017, doi:10.1145/3102071.3110566). Where it
// contradicts itself, it goes back and chooses otherwise.
package wfc

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/noise"
)

// A Grid is a grid of kinds of tiles: [height × width], row by row.
type Grid struct {
	Width, Height int
	Cells         []rune
}

// Settings are those of the synthesis.
type Settings struct {
	// Window is the side of the windows that look as in the example, 2 or 3.
	Window int
	// Mirror takes the windows of the mirrored example as well.
	Mirror bool
	// Seed decides what is chosen: the same gives the same grid.
	Seed uint64
}

// Bounds of the work.
const (
	mostPatterns = 4096
	mostCells    = 1 << 16
	mostBack     = 400 // times that it goes back, of one attempt
	mostAttempts = 12
)

// Made is a grid with what it took.
type Made struct {
	Grid
	// Patterns is the number of different windows of the example, Back how many times the synthesis
	// went back, and Attempts how many times it began.
	Patterns, Back, Attempts int
}

// Make makes a grid of a size. The rim of the example, if it has one of a window's width, is at the
// rim of the grid alone, as in the example. The error is of [badinput] if there is none within the
// bounds.
func Make(ctx context.Context, example Grid, width, height int, s Settings) (*Made, error) {
	p, err := patternsOf(example, s)
	if err != nil {
		return nil, err
	}
	if width < s.Window || height < s.Window || width > mostCells/height {
		return nil, badinput.Errorf("%d×%d cells; want at least %d on a side and at most %d in all", width, height, s.Window, mostCells)
	}
	made := &Made{Patterns: len(p.windows)}
	for attempt := range uint64(mostAttempts) {
		made.Attempts++
		w := newWave(p, width-s.Window+1, height-s.Window+1, noise.Stream(s.Seed, attempt))
		ok, err := w.collapse(ctx)
		made.Back += w.back
		if err != nil {
			return nil, err
		}
		if ok {
			made.Grid = w.grid(width, height)
			return made, nil
		}
	}
	return nil, badinput.Errorf("no map was found in %d attempts in which every window of %d×%d tiles is one of the example: want a larger example, a smaller window or another seed", mostAttempts, s.Window, s.Window)
}

// patterns are the windows of an example.
type patterns struct {
	n       int // side of a window
	windows [][]rune
	weights []float64
	logs    []float64 // each weight times its logarithm
	// Where in the example each window may be: at an edge of it, and inside.
	places []place
	fits   [4][][]int32 // windows that may follow in each direction
}

// A place is a set of columns and rows in which a window was seen: the first, the last, or between.
type place uint8

const (
	atLeft place = 1 << iota
	atRight
	between
	atTop
	atBottom
	amid
)

// directions are the neighbours of a window, each opposite to the third after it.
var directions = [4][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

func opposite(d int) int { return (d + 2) % 4 }

// patternsOf collects the windows of an example.
func patternsOf(g Grid, s Settings) (*patterns, error) {
	p := &patterns{n: s.Window}
	if g.Width < p.n || g.Height < p.n {
		return nil, badinput.Errorf("the example has %d×%d cells; want at least %d on a side", g.Width, g.Height, p.n)
	}
	known := map[string]int{}
	take := func(at func(x, y int) rune) {
		for y := range g.Height - p.n + 1 {
			for x := range g.Width - p.n + 1 {
				var window []rune
				for i := range p.n * p.n {
					window = append(window, at(x+i%p.n, y+i/p.n))
				}
				i, ok := known[string(window)]
				if !ok {
					i = len(p.windows)
					known[string(window)] = i
					p.windows, p.weights, p.places = append(p.windows, window), append(p.weights, 0), append(p.places, 0)
				}
				p.weights[i]++
				p.places[i] |= placeOf(x, y, g.Width-p.n, g.Height-p.n)
			}
		}
	}
	take(func(x, y int) rune { return g.Cells[y*g.Width+x] })
	if s.Mirror {
		take(func(x, y int) rune { return g.Cells[y*g.Width+g.Width-1-x] })
	}
	if len(p.windows) > mostPatterns {
		return nil, badinput.Errorf("the example has %d different windows of %d×%d tiles; want at most %d: take a part of it, or a smaller window", len(p.windows), p.n, p.n, mostPatterns)
	}
	for _, weight := range p.weights {
		p.logs = append(p.logs, weight*math.Log(weight))
	}
	p.match()
	return p, nil
}

// placeOf is where a window at x, y of 0 to right, 0 to bottom is.
func placeOf(x, y, right, bottom int) (p place) {
	switch {
	case x == 0:
		p |= atLeft
	case x == right:
		p |= atRight
	default:
		p |= between
	}
	switch {
	case y == 0:
		return p | atTop
	case y == bottom:
		return p | atBottom
	}
	return p | amid
}

// match finds which windows may follow which, by what of both overlaps.
func (p *patterns) match() {
	n := p.n
	overlap := func(w []rune, dx, dy int) string {
		var part []rune
		for y := max(0, dy); y < min(n, n+dy); y++ {
			for x := max(0, dx); x < min(n, n+dx); x++ {
				part = append(part, w[y*n+x])
			}
		}
		return string(part)
	}
	for d, by := range directions {
		of := map[string][]int32{}
		for i, w := range p.windows {
			key := overlap(w, -by[0], -by[1])
			of[key] = append(of[key], int32(i))
		}
		p.fits[d] = make([][]int32, len(p.windows))
		for i, w := range p.windows {
			p.fits[d][i] = of[overlap(w, by[0], by[1])]
		}
	}
}

// A wave is which windows are still possible at each place of a grid.
type wave struct {
	*patterns
	width, height  int // places for windows
	rng            *rand.Rand
	possible       []bool     // [place × pattern]
	support        [4][]int32 // [place × pattern]: neighbours on each side that allow it
	left           []int      // how many are possible at each place
	weight, logSum []float64  // sums of weights and of their products with their logarithms
	jitter         []float64  // decides between places of the same entropy
	trail          []fact     // what was ruled out, in order; up to done, neighbours know
	done           int
	choices        []choice
	back           int
}

// A fact is that a window is not at a place.
type fact struct{ place, pattern int32 }

// A choice is a window that was put in a place, and the length of the trail before.
type choice struct {
	fact
	before int
}

// newWave returns the wave in which every window is possible where it was seen in the example.
func newWave(p *patterns, width, height int, rng *rand.Rand) *wave {
	w := &wave{patterns: p, width: width, height: height, rng: rng}
	n := len(p.windows)
	w.possible = slices.Repeat([]bool{true}, width*height*n)
	w.left, w.weight, w.logSum, w.jitter = make([]int, width*height), make([]float64, width*height), make([]float64, width*height), make([]float64, width*height)
	for i := range w.left {
		w.left[i], w.jitter[i] = n, rng.Float64()*1e-6
		for pattern, weight := range p.weights {
			w.weight[i] += weight
			w.logSum[i] += p.logs[pattern]
		}
	}
	for d := range directions {
		w.support[d] = make([]int32, width*height*n)
		for i := range w.support[d] {
			w.support[d][i] = int32(len(p.fits[opposite(d)][i%n]))
		}
	}
	return w
}

// neighbour is the place beside another; ok is false outside of the grid.
func (w *wave) neighbour(place, d int) (beside int, ok bool) {
	x, y := place%w.width+directions[d][0], place/w.width+directions[d][1]
	return y*w.width + x, x >= 0 && y >= 0 && x < w.width && y < w.height
}

// grid is the grid of a wave with one window at each place.
func (w *wave) grid(width, height int) Grid {
	g := Grid{width, height, make([]rune, width*height)}
	for i := range g.Cells {
		x, y := i%width, i/width
		at := min(y, w.height-1)*w.width + min(x, w.width-1)
		pattern := slices.Index(w.possible[at*len(w.windows):(at+1)*len(w.windows)], true)
		g.Cells[i] = w.windows[pattern][(y-min(y, w.height-1))*w.n+x-min(x, w.width-1)]
	}
	return g
}
