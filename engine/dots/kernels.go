package dots

import "atelier/internal/quant"

// kernels are those of a path.
type kernels struct {
	lanes    int  // outputs per panel
	tileRows int  // vectors multiplied by a panel at once, at most maxTile
	bytes    bool // multiply takes vectors quantized to int8, not words
	signed   bool // weights of Q8_0 stay signed in a panel
	quantize func(a *activations, at int, x []float32)
	unpack   func(p *panel, lanes int, m quant.Matrix, out, outs, col, cols int)
	multiply func(t *tile)
	// direct multiplies one vector, quantized to int8, by full panels of Q8_0 in place; the sums are
	// those of multiply. It may be nil.
	direct func(t *target, out int, dst []float32)

	dense func(t *dense)
	// narrow multiplies one vector by 16-bit weights in place, and reports whether it did; the sums
	// are those of dense. It may be nil.
	narrow func(t *target, out, outs, col, cols int) bool
	widen  func(dst []float32, data []byte, t quant.Type)
	mix    func(dst, weights, x []float32, stride int)
}

const maxTile = 16

// portable is the plain Go implementation.
var portable = kernels{
	lanes: 8, tileRows: maxTile, quantize: quantizeWords, unpack: unpackGo, multiply: multiplyGo,
	dense: denseGo, widen: widenGo, mix: mixGo,
}
