package metric

import (
	"math"
	"math/cmplx"

	"atelier/data"
)

// A thumbnail is a small picture in which copies are searched for.
type thumbnail struct {
	height, width, channels int
	pixels                  []float32 // [height, width, channels], in [0, 1]
}

// margin is the largest shift of a copy in pixels.
func (t thumbnail) margin() int { return marginOf([]int{t.height, t.width}) }

// marginOf is the margin of the thumbnail of a picture with that height and width: 0 if it is
// hardly larger than a margin.
func marginOf(shape []int) int {
	if min(shape[0], shape[1]) < 6*copyShift {
		return 0
	}
	return copyShift
}

// reduced downsamples a picture to at most copySide pixels per side, by area averaging, blending
// transparency with white.
func reduced(pixels []float32, f data.Field) thumbnail {
	in := thumbnail{f.Shape[0], f.Shape[1], f.Shape[2], nil}
	in.pixels = make([]float32, len(pixels))
	for i, v := range pixels {
		in.pixels[i] = (v - f.Low) / (f.High - f.Low)
	}
	if in.channels == 2 || in.channels == 4 {
		in = in.overWhite()
	}
	return in.resized(min(in.height, copySide), min(in.width, copySide))
}

// overWhite treats the last channel as alpha.
func (t thumbnail) overWhite() thumbnail {
	out := thumbnail{t.height, t.width, t.channels - 1, nil}
	for at := 0; at < len(t.pixels); at += t.channels {
		alpha := t.pixels[at+out.channels]
		for _, v := range t.pixels[at : at+out.channels] {
			out.pixels = append(out.pixels, alpha*v+1-alpha)
		}
	}
	return out
}

// resized downsamples by area averaging.
func (t thumbnail) resized(height, width int) thumbnail {
	if height == t.height && width == t.width {
		return t
	}
	rows := thumbnail{height, t.width, t.channels, make([]float32, height*t.width*t.channels)}
	stride := t.width * t.channels
	eachShare(t.height, height, func(from, to int, share float32) {
		for i, v := range t.pixels[from*stride:][:stride] {
			rows.pixels[to*stride+i] += share * v
		}
	})
	out := thumbnail{height, width, t.channels, make([]float32, height*width*t.channels)}
	eachShare(t.width, width, func(from, to int, share float32) {
		for y := range height {
			in, sum := rows.pixels[(y*t.width+from)*t.channels:], out.pixels[(y*width+to)*t.channels:]
			for c := range t.channels {
				sum[c] += share * in[c]
			}
		}
	})
	return out
}

// eachShare yields the share of each of the n pixels along an axis in each of the fewer.
func eachShare(n, fewer int, f func(from, to int, share float32)) {
	step := float64(n) / float64(fewer)
	for to := range fewer {
		low, high := float64(to)*step, float64(to+1)*step
		for from := int(low); from < n && float64(from) < high; from++ {
			if share := (min(high, float64(from+1)) - max(low, float64(from))) / step; share > 1e-9 {
				f(from, to, float32(share))
			}
		}
	}
}

// sketchTurns is the highest frequency of a sketch, in periods per side.
const sketchTurns = 5

// sketchWidth is the number of frequencies up to that, one of each opposite pair.
const sketchWidth = sketchTurns + sketchTurns*(2*sketchTurns+1)

// sketch computes the low-frequency magnitudes of the picture's grey, which small shifts hardly
// change: the square roots of the magnitudes of the Fourier coefficients, standardised; zeros if
// the picture is flat.
func (t thumbnail) sketch(out []float32) {
	const across = 2*sketchTurns + 1
	rows := make([]complex128, t.height*across) // the coefficients of each row, from -sketchTurns
	for k := range across {
		for x := range t.width {
			angle := -2 * math.Pi * float64(k-sketchTurns) * float64(x) / float64(t.width)
			turn := cmplx.Rect(1, angle)
			for y := range t.height {
				grey := float32(0)
				for _, v := range t.pixels[(y*t.width+x)*t.channels:][:t.channels] {
					grey += v
				}
				rows[y*across+k] += complex(float64(grey), 0) * turn
			}
		}
	}
	out = out[:0]
	for ky := range sketchTurns + 1 {
		for k := range across {
			if ky == 0 && k <= sketchTurns {
				continue
			}
			sum := 0i
			for y := range t.height {
				sum += rows[y*across+k] * cmplx.Rect(1, -2*math.Pi*float64(ky)*float64(y)/float64(t.height))
			}
			out = append(out, float32(math.Sqrt(cmplx.Abs(sum))))
		}
	}
	standardise(out, 1)
}

// flatness is the length below which a picture minus its means is rounding noise.
const flatness = 1e-3

// standardise sets the mean of each channel to 0, and the length of all together to 1.
func standardise(x []float32, channels int) (flat bool) {
	n := float64(len(x) / channels)
	square := 0.0
	for c := range channels {
		mean := 0.0
		for i := c; i < len(x); i += channels {
			mean += float64(x[i]) / n
		}
		for i := c; i < len(x); i += channels {
			x[i] -= float32(mean)
			square += float64(x[i]) * float64(x[i])
		}
	}
	length := math.Sqrt(square)
	if length < flatness {
		clear(x)
		return true
	}
	for i := range x {
		x[i] /= float32(length)
	}
	return false
}

// view is the picture, optionally mirrored, with an enlargement about its centre undone, slightly
// blurred: resizing and compression change finer details.
func (t thumbnail) view(mirrored bool, scale float64) thumbnail {
	out := thumbnail{t.height, t.width, t.channels, make([]float32, 0, len(t.pixels))}
	middle := func(n int) float64 { return float64(n-1) / 2 }
	for y := range t.height {
		dy := (float64(y) - middle(t.height)) * scale
		for x := range t.width {
			dx := (float64(x) - middle(t.width)) * scale
			if mirrored {
				dx = -dx
			}
			out.pixels = t.at(out.pixels, middle(t.width)+dx, middle(t.height)+dy)
		}
	}
	return out.softened().softened()
}

// softened blurs with the kernel 1, 2, 1 along both axes.
func (t thumbnail) softened() thumbnail {
	along := func(in []float32, n, stride int) []float32 {
		out := make([]float32, len(in))
		for i, v := range in {
			place := i / stride % n
			before, after := v, v
			if place > 0 {
				before = in[i-stride]
			}
			if place < n-1 {
				after = in[i+stride]
			}
			out[i] = (before + 2*v + after) / 4
		}
		return out
	}
	t.pixels = along(along(t.pixels, t.width, t.channels), t.height, t.width*t.channels)
	return t
}

// window is the picture without its margins, standardised.
func (t thumbnail) window() (out []float32, flat bool) {
	for y := range t.height - 2*t.margin() {
		out = append(out, t.row(y, t.margin(), t.margin())...)
	}
	flat = standardise(out, t.channels)
	return out, flat
}

// at appends the channels at a position between pixels, clamped to the edge.
func (t thumbnail) at(out []float32, x, y float64) []float32 {
	x, y = min(max(x, 0), float64(t.width-1)), min(max(y, 0), float64(t.height-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, t.width-1), min(y0+1, t.height-1)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	for c := range t.channels {
		pixel := func(x, y int) float32 { return t.pixels[(y*t.width+x)*t.channels+c] }
		out = append(out, (1-fy)*((1-fx)*pixel(x0, y0)+fx*pixel(x1, y0))+fy*((1-fx)*pixel(x0, y1)+fx*pixel(x1, y1)))
	}
	return out
}

// row is a row of a window at offset dx, dy.
func (t thumbnail) row(y, dx, dy int) []float32 {
	from := ((y+dy)*t.width + dx) * t.channels
	return t.pixels[from : from+(t.width-2*t.margin())*t.channels]
}

// product is the inner product of a window of another picture with one of this.
func (t thumbnail) product(window []float32, dx, dy int) float32 {
	sum := float32(0)
	for y := range t.height - 2*t.margin() {
		row := t.row(y, dx, dy)
		w := window[:len(row)]
		var a, b, c, d float32
		i := 0
		for ; i+3 < len(row); i += 4 {
			a += row[i] * w[i]
			b += row[i+1] * w[i+1]
			c += row[i+2] * w[i+2]
			d += row[i+3] * w[i+3]
		}
		for ; i < len(row); i++ {
			a += row[i] * w[i]
		}
		sum += a + b + c + d
		window = window[len(row):]
	}
	return sum
}

// norm is the length of a window without the means of its channels, 0 if it is flat.
func (t thumbnail) norm(dx, dy int) float32 {
	var out []float32
	for y := range t.height - 2*t.margin() {
		out = append(out, t.row(y, dx, dy)...)
	}
	n := float64(len(out) / t.channels)
	square := 0.0
	for c := range t.channels {
		mean, own := 0.0, 0.0
		for i := c; i < len(out); i += t.channels {
			mean += float64(out[i]) / n
			own += float64(out[i]) * float64(out[i])
		}
		square += max(0, own-n*mean*mean)
	}
	if length := math.Sqrt(square); length >= flatness {
		return float32(length)
	}
	return 0
}
