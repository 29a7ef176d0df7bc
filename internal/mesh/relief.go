package mesh

import "math"

// A Field is heights in [0, 1] on a grid, row by row from the upper left corner.
type Field struct {
	W, H    int // at least 2
	Heights []float32
}

// at is the height at a point of the grid, continued beyond its edges.
func (f Field) at(x, y int) float32 {
	return f.Heights[min(max(y, 0), f.H-1)*f.W+min(max(x, 0), f.W-1)]
}

// Blurred is the field, smoothed by a Gaussian of a standard deviation in steps of the grid.
func (f Field) Blurred(deviation float64) Field {
	if deviation <= 0 {
		return f
	}
	radius := int(math.Ceil(3 * deviation))
	kernel, sum := make([]float32, 2*radius+1), 0.0
	for i := range kernel {
		sum += math.Exp(-float64((i-radius)*(i-radius)) / (2 * deviation * deviation))
	}
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64((i-radius)*(i-radius))/(2*deviation*deviation)) / sum)
	}
	pass := func(from Field, dx, dy int) Field {
		to := Field{f.W, f.H, make([]float32, len(f.Heights))}
		for y := range f.H {
			for x := range f.W {
				for i, k := range kernel {
					to.Heights[y*f.W+x] += k * from.at(x+dx*(i-radius), y+dy*(i-radius))
				}
			}
		}
		return to
	}
	return pass(pass(f, 1, 0), 0, 1)
}

// Relief raises a field from a plate of a width and a height in metres, standing upright and
// centred above the origin: front is the surface, which carries the picture, body the sides and the
// back, which is flat and lies at z = 0. The lowest points of the surface lie base in front of it,
// the highest depth more. Together they are closed.
func (f Field) Relief(width, height, base, depth float32) (front, body Part) {
	front.Name, body.Name = "front", "body"
	step := [2]float32{width / float32(f.W-1), height / float32(f.H-1)}
	for y := range f.H {
		for x := range f.W {
			u, v := float32(x)/float32(f.W-1), float32(y)/float32(f.H-1)
			at := Vec{(u - 0.5) * width, (1 - v) * height, base + depth*f.at(x, y)}
			across, down := step[0]*float32(min(x+1, f.W-1)-max(x-1, 0)), step[1]*float32(min(y+1, f.H-1)-max(y-1, 0))
			slope := Vec{-depth * (f.at(x+1, y) - f.at(x-1, y)) / across, depth * (f.at(x, y+1) - f.at(x, y-1)) / down, 1}
			front.Add(at, slope.Unit(), [2]float32{u, v})
		}
	}
	for y := range f.H - 1 {
		for x := range f.W - 1 {
			a := uint32(y*f.W + x)
			b, c, d := a+1, a+uint32(f.W), a+uint32(f.W)+1
			if front.steeper(a, d, b, c) { // split along the flatter diagonal
				front.Triangles = append(front.Triangles, [3]uint32{a, c, b}, [3]uint32{b, c, d})
			} else {
				front.Triangles = append(front.Triangles, [3]uint32{a, c, d}, [3]uint32{a, d, b})
			}
		}
	}
	rim := f.rim()
	for i, from := range rim {
		to := rim[(i+1)%len(rim)]
		p, q := front.Points[from], front.Points[to]
		body.Quad([4]Vec{p, {p[0], p[1], 0}, {q[0], q[1], 0}, q}, [4][2]float32{})
	}
	behind := Vec{0, 0, -1}
	middle := body.Add(Vec{0, height / 2, 0}, behind, [2]float32{})
	first := uint32(len(body.Points))
	for i, at := range rim {
		p := front.Points[at]
		body.Add(Vec{p[0], p[1], 0}, behind, [2]float32{})
		body.Triangles = append(body.Triangles, [3]uint32{middle, first + uint32((i+1)%len(rim)), first + uint32(i)})
	}
	body.Places = nil
	return front, body
}

// steeper reports whether the heights of a and b differ by more than those of c and d.
func (p *Part) steeper(a, b, c, d uint32) bool {
	first, second := p.Points[a][2]-p.Points[b][2], p.Points[c][2]-p.Points[d][2]
	return first*first > second*second
}

// rim are the points of the edge of the grid, counterclockwise from the upper left corner.
func (f Field) rim() (all []int) {
	for y := range f.H - 1 {
		all = append(all, y*f.W)
	}
	for x := range f.W - 1 {
		all = append(all, (f.H-1)*f.W+x)
	}
	for y := f.H - 1; y > 0; y-- {
		all = append(all, y*f.W+f.W-1)
	}
	for x := f.W - 1; x > 0; x-- {
		all = append(all, x)
	}
	return all
}
