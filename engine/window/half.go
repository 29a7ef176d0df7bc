package window

import (
	"atelier/engine/simd"
	"atelier/engine/tensor"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// widened is a copy of numbers of 16 bits as float32.
func widened(half tensor.Tensor) tensor.Tensor {
	k := simd.For(simd.Best())
	widen := k.FromFloat16
	if half.Shape.DType == dtypes.BFloat16 {
		widen = k.FromBfloat16
	}
	wide := tensor.New(shapes.Make(dtypes.Float32, half.Shape.Dimensions...))
	widen(tensor.Of[float32](wide), tensor.As[uint16](half.Bytes))
	return wide
}

// narrow rounds float32 to the numbers of 16 bits of out.
func narrow(out, wide tensor.Tensor) {
	k := simd.For(simd.Best())
	round := k.ToFloat16
	if out.Shape.DType == dtypes.BFloat16 {
		round = k.ToBfloat16
	}
	round(tensor.As[uint16](out.Bytes), tensor.Of[float32](wide))
}
