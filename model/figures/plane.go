package figures

import "math"

// A plane holds one value for each pixel of a part of a frame, in rows, of which the first pixel
// lies at y and x.
type plane struct {
	y, x, h, w int
	v          []float32
}

func newPlane(h, w int) plane { return plane{h: h, w: w, v: make([]float32, h*w)} }

func (p plane) row(y int) []float32 { return p.v[y*p.w : (y+1)*p.w] }

// moved is a plane moved by dy and dx, interpolated bilinearly.
func (p plane) moved(dy, dx float64) plane {
	fy, fx := math.Floor(dy), math.Floor(dx)
	out := plane{y: p.y + int(fy), x: p.x + int(fx), h: p.h + 1, w: p.w + 1, v: make([]float32, (p.h+1)*(p.w+1))}
	ay, ax := float32(dy-fy), float32(dx-fx)
	for below, share := range [2]float32{1 - ay, ay} {
		if share == 0 {
			continue
		}
		left, right := float32(share*(1-ax)), float32(share*ax)
		for y := range p.h {
			from, to := p.row(y), out.row(y+below)
			for x, v := range from {
				to[x] += float32(left * v)
			}
			if right == 0 {
				continue
			}
			to = to[1:]
			for x, v := range from {
				to[x] += float32(right * v)
			}
		}
	}
	return out
}

// each calls do with the rows of p and of a frame that lie on each other.
func (p plane) each(frame plane, do func(p, frame []float32)) {
	left, right := max(p.x, frame.x), min(p.x+p.w, frame.x+frame.w)
	if left >= right {
		return
	}
	for y := max(p.y, frame.y); y < min(p.y+p.h, frame.y+frame.h); y++ {
		do(p.row(y - p.y)[left-p.x:right-p.x], frame.row(y - frame.y)[left-frame.x:right-frame.x])
	}
}

// trimmed is the part of a plane outside of which all is 0.
func (p plane) trimmed() plane {
	top, bottom, left, right := p.h, 0, p.w, 0
	for y := range p.h {
		for x, v := range p.row(y) {
			if v != 0 {
				top, bottom, left, right = min(top, y), max(bottom, y+1), min(left, x), max(right, x+1)
			}
		}
	}
	if top >= bottom {
		return plane{y: p.y, x: p.x}
	}
	return p.part(p.y+top, p.x+left, bottom-top, right-left)
}

// part is a part of a plane, 0 beyond it.
func (p plane) part(y, x, h, w int) plane {
	out := plane{y: y, x: x, h: h, w: w, v: make([]float32, h*w)}
	out.each(p, func(out, p []float32) { copy(out, p) })
	return out
}

// lay puts another plane over p, the brighter of both.
func (p plane) lay(other plane) {
	other.each(p, func(other, p []float32) {
		for i, v := range other {
			p[i] = max(p[i], v)
		}
	})
}

// widened is the brightest of each pixel and its neighbours.
func (p plane) widened() plane {
	out := p.part(p.y, p.x, p.h, p.w)
	for y := range p.h {
		for x := range p.w {
			for b := max(0, y-1); b <= min(p.h-1, y+1); b++ {
				for a := max(0, x-1); a <= min(p.w-1, x+1); a++ {
					out.v[y*p.w+x] = max(out.v[y*p.w+x], p.v[b*p.w+a])
				}
			}
		}
	}
	return out
}

// box is the mean over windows of 2·r + 1 pixels, beyond the edges of which is 0.
func (p plane) box(r int) plane {
	across, out := newPlane(p.h, p.w), newPlane(p.h, p.w)
	share := 1 / float32(2*r+1)
	sums := func(n int, from, to func(int) *float32) {
		sum := float32(0)
		for i := range min(r, n) {
			sum += *from(i)
		}
		for i := range n {
			if i+r < n {
				sum += *from(i + r)
			}
			if i-r-1 >= 0 {
				sum -= *from(i - r - 1)
			}
			*to(i) = float32(sum * share)
		}
	}
	for y := range p.h {
		from, to := p.row(y), across.row(y)
		sums(p.w, func(i int) *float32 { return &from[i] }, func(i int) *float32 { return &to[i] })
	}
	for x := range p.w {
		sums(p.h, func(i int) *float32 { return &across.v[i*p.w+x] }, func(i int) *float32 { return &out.v[i*p.w+x] })
	}
	return out
}
