package cutout

import (
	"context"
	"image"
	"math"
)

// smoothness is the regularisation of colour lines (Levin's epsilon).
const smoothness = 1e-7

// The half of the 24 neighbours within two pixels that come after a pixel. The other half has it
// among its own. Offset 0 is the pixel itself.
var after = [13]image.Point{{0, 0}, {1, 0}, {2, 0}, {-2, 1}, {-1, 1}, {0, 1}, {1, 1}, {2, 1}, {-2, 2}, {-1, 2}, {0, 2}, {1, 2}, {2, 2}}

// A system is a symmetric one of linear equations over the unknown pixels of a picture, each
// joined to those within two pixels.
type system struct {
	w       int
	pixel   []int32       // of each unknown
	at      []int32       // the unknown of a pixel, -1 for none, and as many -1 after the last row as offsets reach
	weights [][13]float64 // of each unknown: those of the offsets after it
	right   []float64
	offsets [13]int32
}

// Matte returns the transparency of each pixel, 0 to 1, of which a trimap leaves some unknown:
// there, colours are mixed of two lines of colours in every window of three by three pixels
// (closed-form matting).
func Matte(ctx context.Context, img *image.NRGBA, trimap []uint8, progress func(done, total int)) ([]float64, error) {
	alpha := make([]float64, len(trimap))
	var some [2]bool
	for i, t := range trimap {
		switch t {
		case Inside:
			alpha[i], some[1] = 1, true
		case Outside:
			some[0] = true
		}
	}
	if !some[0] || !some[1] {
		return nil, ErrOneSided
	}
	if size := img.Rect.Size(); min(size.X, size.Y) < 3 { // which has no window
		for i, t := range trimap {
			if t != Inside && t != Outside {
				alpha[i] = 0.5
			}
		}
		return alpha, nil
	}
	s := newSystem(img, trimap, alpha)
	if len(s.pixel) == 0 {
		return alpha, nil
	}
	solved, err := s.solve(ctx, progress)
	if err != nil {
		return nil, err
	}
	for i, p := range s.pixel {
		alpha[p] = min(max(solved[i], 0), 1)
	}
	return alpha, nil
}

func newSystem(img *image.NRGBA, trimap []uint8, alpha []float64) *system {
	size := img.Rect.Size()
	s := &system{w: size.X, at: make([]int32, len(trimap)+2*size.X+3)}
	for i := range s.at {
		s.at[i] = -1
		if i < len(trimap) && trimap[i] != Inside && trimap[i] != Outside {
			s.at[i] = int32(len(s.pixel))
			s.pixel = append(s.pixel, int32(i))
		}
	}
	for o, p := range after {
		s.offsets[o] = int32(p.Y*s.w + p.X)
	}
	s.weights, s.right = make([][13]float64, len(s.pixel)), make([]float64, len(s.pixel))
	for y := 1; y < size.Y-1; y++ {
		for x := 1; x < size.X-1; x++ {
			s.window(img, alpha, x, y)
		}
	}
	return s
}

// offsetOf is the index in [after] of a step to a pixel within two, which comes after.
func offsetOf(dx, dy int) int {
	if dy == 0 {
		return dx
	}
	return 5*dy + dx
}

// window adds the equations of the window around a pixel (Levin's equation 12).
func (s *system) window(img *image.NRGBA, alpha []float64, x, y int) {
	var pixels [9]int32
	var colours [9]colour
	unknown := false
	var m moments
	for i := range 9 {
		u, v := x+i%3-1, y+i/3-1
		p := img.Pix[v*img.Stride+4*u:]
		pixels[i] = int32(v*s.w + u)
		colours[i] = colour{float64(p[0]) / 255, float64(p[1]) / 255, float64(p[2]) / 255}
		unknown = unknown || s.at[pixels[i]] >= 0
		m.add(colours[i])
	}
	if !unknown {
		return
	}
	mean, c := m.covariance()
	for _, i := range []int{0, 3, 5} {
		c[i] += smoothness / 9
	}
	a, b, d := c[3]*c[5]-c[4]*c[4], c[2]*c[4]-c[1]*c[5], c[1]*c[4]-c[2]*c[3]
	det := c[0]*a + c[1]*b + c[2]*d
	if det < 1e-30 { // rounding of a window of one colour
		det = math.Inf(1)
	}
	g := gaussian{inverse: [6]float64{a / det, b / det, d / det, (c[0]*c[5] - c[2]*c[2]) / det, (c[1]*c[2] - c[0]*c[4]) / det, (c[0]*c[3] - c[1]*c[1]) / det}}
	for i := range colours {
		for j := range mean {
			colours[i][j] -= mean[j]
		}
	}
	for i, p := range pixels {
		line := g.times(colours[i])
		for j := i; j < 9; j++ {
			value := -(1 + dot(line, colours[j])) / 9
			if i == j {
				value++
			}
			s.add(p, pixels[j], offsetOf(j%3-i%3, j/3-i/3), value, alpha)
		}
	}
}

// times is the inverse covariance times a vector.
func (g *gaussian) times(c colour) colour {
	i := &g.inverse
	return colour{i[0]*c[0] + i[1]*c[1] + i[2]*c[2], i[1]*c[0] + i[3]*c[1] + i[4]*c[2], i[2]*c[0] + i[4]*c[1] + i[5]*c[2]}
}

// add adds a weight between two pixels; what is known goes to the right side.
func (s *system) add(p, q int32, offset int, value float64, alpha []float64) {
	a, b := s.at[p], s.at[q]
	switch {
	case a >= 0 && b >= 0:
		s.weights[a][offset] += value
	case a >= 0:
		s.right[a] -= value * alpha[q]
	case b >= 0:
		s.right[b] -= value * alpha[p]
	}
}
