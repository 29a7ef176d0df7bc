package conv

import "atelier/engine/product"

const (
	leastChannels = 16      // input channels from which a scatter pays off
	mostProducts  = 1 << 20 // elements of a picture's products
)

// A scatter is a convolution from many channels to few, such as the last layer of a generator. Each
// input pixel is multiplied with all taps at once, which are enough to fill the tiles of a product;
// each product is then added to its output, in the order of the input pixels.
type scatter struct {
	*geometry
	pixels, columns int // of a picture's products
}

// newScatter returns the scatter of a convolution, or nil.
func newScatter(g *geometry) *scatter {
	s := &scatter{g, 1, g.out}
	outputs, places := 1, 1
	in, out := g.in, g.out // strides of adjacent pixels
	for i := spatials - 1; i >= 0; i-- {
		a := g.spatial[i]
		if a.stride != 1 || a.kernelDilation != 1 || a.in > 1 && a.inStride != in || a.out > 1 && a.outStride != out {
			return nil
		}
		in, out = in*a.in, out*a.out
		s.pixels *= a.in
		s.columns *= a.taps
		outputs *= a.out
		places *= a.in * a.inputDilation
	}
	if g.groups != 1 || g.out > thin || g.in < leastChannels || g.inChannel != 1 || g.outChannel != 1 ||
		2*outputs < places || outputs == 0 || s.columns < leastChannels || s.pixels*s.columns > mostProducts {
		return nil
	}
	return s
}

// run computes the convolution.
func (s *scatter) run(r *run) {
	taps := r.e.product.Prepack(s.taps(r), s.columns, s.in)
	r.e.pool.Run(s.batch, func(_, i int) {
		sums := r.e.take(s.pixels * s.columns) // [pixels, taps from behind, channels]
		defer r.e.give(sums)
		picture := product.Strided{Data: r.input[i*s.inBatch:], Vector: s.in, Depth: 1}
		r.e.product.Multiply(product.Product{M: s.pixels, N: s.columns, K: s.in, A: picture, B: taps, C: sums})
		s.add(r.out[i*s.outBatch:], sums)
	})
}

// taps is the operand of the kernel, one vector per tap, from the last one on, and output channel.
func (s *scatter) taps(r *run) product.Operand {
	k := r.kernel
	l := lattice{data: k.Data, limit: [spatials]int{1, 1, 1}, packer: r.e.packer}
	l.origin.offset = k.Offset
	for _, a := range s.spatial {
		if a.kernelAxis >= 0 {
			l.origin.offset += (a.taps - 1) * k.Strides[a.kernelAxis]
			l.vectors = append(l.vectors, axis{a.taps, -k.Strides[a.kernelAxis], -1, 0})
		}
	}
	l.vectors = append(l.vectors, axis{s.out, k.Strides[s.kernelOut], -1, 0})
	l.depth = []axis{{s.in, k.Strides[s.kernelIn], -1, 0}}
	return l.operand()
}

// add adds the products of a picture to its output.
func (s *scatter) add(out, sums []float32) {
	deep, high, wide := s.spatial[0], s.spatial[1], s.spatial[2]
	clear(out[:deep.out*high.out*wide.out*s.out])
	row := wide.taps * s.out
	for z := range deep.in {
		for y := range high.in {
			pixels := sums[(z*high.in+y)*wide.in*s.columns:][:wide.in*s.columns]
			for tap := range deep.taps * high.taps {
				toZ, toY := deep.to(z)+tap/high.taps, high.to(y)+tap%high.taps
				if uint(toZ) < uint(deep.out) && uint(toY) < uint(high.out) {
					to := out[(toZ*high.out+toY)*wide.out*s.out:][:wide.out*s.out]
					s.addRow(to, pixels[tap*row:])
				}
			}
		}
	}
}

// to is the output that the last tap meets at an input position.
func (s spatial) to(place int) int { return place*s.inputDilation + s.before - s.taps + 1 }

// addRow adds the products of a row of pixels and of taps to a row of the output.
func (s *scatter) addRow(out, sums []float32) {
	wide := s.spatial[2]
	n := wide.taps * s.out
	for x := range wide.in {
		products := sums[x*s.columns:][:n]
		at := wide.to(x) * s.out
		if at < 0 {
			products, at = products[min(-at, n):], 0
		}
		if at >= len(out) {
			continue
		}
		to := out[at:min(at+len(products), len(out))]
		for i := range to {
			to[i] += products[i]
		}
	}
}
