// Package cutout takes a subject out of a picture: its pixels by a minimum cut (GrabCut, Rother
// et al. 2004, doi:10.1145/1015706.1015720), the transparency of its edge in closed form (Levin
// et al. 2008, doi:10.1109/TPAMI.2007.1177), and its colours without those of the background
// (Germer et al. 2020, arXiv:2006.14970).
package cutout

import (
	"context"
	"errors"
	"image"
	"math"
	"slices"

	"atelier/model/mincut"
)

// A Mark says what is known of a pixel.
type Mark uint8

// The marks. All but the first two are decided by [Segment]; the colours of what is unmarked are
// learned from once it is decided.
const (
	Background Mark = iota
	Subject
	MaybeBackground
	MaybeSubject
	Unmarked
)

// ErrOneSided reports marks with which all of a picture, or nothing of it, is the subject.
var ErrOneSided = errors.New("there must be both subject and background")

const (
	rounds = 5       // of learning colours and cutting
	gamma  = 50      // what a step between neighbours costs at most
	scale  = 1 << 10 // of costs, which are whole numbers
	sure   = 1 << 20 // what it costs to go against a mark that is no guess
)

// neighbours are half of the eight of a pixel; the other half has it as its neighbour.
var neighbours = [4]image.Point{{1, 0}, {0, 1}, {1, 1}, {-1, 1}}

// Segment returns which pixels of a picture are the subject. Marks are row by row; two mixtures of
// Gaussians learn the colours of subject and background, and a minimum cut decides for all pixels
// at once, five times. Colours where the picture is transparent count as they are.
func Segment(ctx context.Context, img *image.NRGBA, marks []Mark, progress func(done, total int)) ([]bool, error) {
	s := newSegmentation(img, marks)
	for round := range rounds {
		if progress != nil {
			progress(round, rounds)
		}
		before := slices.Clone(s.inside)
		if err := s.round(ctx, round == 0); err != nil {
			return nil, err
		}
		if round > 0 && !slices.Contains(s.inside, true) { // what was found melted away
			s.inside = before
			break
		}
	}
	if progress != nil {
		progress(rounds, rounds)
	}
	return s.inside, nil
}

type segmentation struct {
	w, h     int
	marks    []Mark
	inside   []bool
	colours  []colour
	steps    [4][]int32  // cost between a pixel and each of its neighbours
	mixtures [2]*mixture // of the background and of the subject
}

func newSegmentation(img *image.NRGBA, marks []Mark) *segmentation {
	size := img.Rect.Size()
	s := &segmentation{w: size.X, h: size.Y, marks: marks, inside: make([]bool, len(marks)), colours: make([]colour, len(marks))}
	for i := range marks {
		p := img.Pix[i/s.w*img.Stride+4*(i%s.w):]
		s.colours[i] = colour{float64(p[0]), float64(p[1]), float64(p[2])}
		s.inside[i] = marks[i] == Subject || marks[i] == MaybeSubject
	}
	s.weigh()
	return s
}

// each calls a function with every pair of neighbours, the direction and the squared difference
// of their colours.
func (s *segmentation) each(pair func(a, b, direction int, square float64)) {
	for y := range s.h {
		for x := range s.w {
			for d, n := range neighbours {
				u, v := x+n.X, y+n.Y
				if u < 0 || u >= s.w || v >= s.h {
					continue
				}
				a, b := y*s.w+x, v*s.w+u
				p, q := &s.colours[a], &s.colours[b]
				r, g, bl := p[0]-q[0], p[1]-q[1], p[2]-q[2]
				pair(a, b, d, r*r+g*g+bl*bl)
			}
		}
	}
}

// weigh computes what it costs to cut between neighbours: less where colours differ.
func (s *segmentation) weigh() {
	sum, n := 0.0, 0
	s.each(func(_, _, _ int, square float64) { sum += square; n++ })
	beta := 0.0
	if sum > 0 {
		beta = float64(n) / (2 * sum)
	}
	for d := range s.steps {
		s.steps[d] = make([]int32, len(s.marks))
	}
	s.each(func(a, _, d int, square float64) {
		length := 1.0
		if d >= 2 {
			length = math.Sqrt2
		}
		s.steps[d][a] = int32(scale * gamma / length * math.Exp(-beta*square))
	})
}

// round learns the colours of both sides and cuts.
func (s *segmentation) round(ctx context.Context, first bool) error {
	for side := range s.mixtures {
		var of []uint8
		var colours []colour
		for i, in := range s.inside {
			if in == (side == 1) && !(first && s.marks[i] == Unmarked) {
				colours = append(colours, s.colours[i])
			}
		}
		if len(colours) == 0 {
			return ErrOneSided
		}
		if first {
			of = divide(colours)
		} else {
			of = make([]uint8, len(colours))
			for i, c := range colours {
				of[i] = s.mixtures[side].nearest(c)
			}
		}
		s.mixtures[side] = learn(colours, of)
	}
	return s.cut(ctx)
}

// cut decides for every pixel at once.
func (s *segmentation) cut(ctx context.Context) error {
	g := mincut.New(len(s.marks), 4*len(s.marks))
	for i, m := range s.marks {
		switch m {
		case Subject:
			g.Terminal(i, sure, 0)
		case Background:
			g.Terminal(i, 0, sure)
		default:
			g.Terminal(i, cost(s.mixtures[0].surprise(s.colours[i])), cost(s.mixtures[1].surprise(s.colours[i])))
		}
	}
	for y := range s.h {
		for x := range s.w {
			for d, n := range neighbours {
				if u, v := x+n.X, y+n.Y; u >= 0 && u < s.w && v < s.h {
					step := s.steps[d][y*s.w+x]
					g.Join(y*s.w+x, v*s.w+u, step, step)
				}
			}
		}
	}
	if _, err := g.Cut(ctx); err != nil {
		return err
	}
	for i := range s.inside {
		s.inside[i] = g.FromSource(i)
	}
	return nil
}

// cost is a surprise as a whole number; only differences matter, and none of less than -20 is
// possible with variances of [leastVariance] or more.
func cost(surprise float64) int32 {
	return int32(scale * min(max(surprise+20, 0), 600))
}
