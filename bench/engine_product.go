package bench

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/internal/noise"
)

// productWork is a product of matrices [m, k] and [k, n], directly on the backend, without gomlx's
// graph.
func productWork(size [3]int) work {
	m, k, n := size[0], size[1], size[2]
	return work{unit: "products/s", units: 1, flops: 2 * float64(m) * float64(k) * float64(n),
		open: onBackend(func(b compute.Backend) (func() error, error) {
			left, right := shapes.Make(dtypes.Float32, m, k), shapes.Make(dtypes.Float32, k, n)
			executable, err := compileProduct(b, left, right)
			if err != nil {
				return nil, err
			}
			inputs := make([]compute.Buffer, 2)
			for i, shape := range []shapes.Shape{left, right} {
				values := make([]float32, shape.Size())
				noise.Normals(values, 0, uint64(i))
				if inputs[i], err = b.BufferFromFlatData(0, values, shape); err != nil {
					return nil, err
				}
			}
			return func() error {
				out, err := executable.Execute(inputs, []bool{false, false}, 0)
				if err != nil {
					return err
				}
				return out[0].Finalize()
			}, nil
		})}
}

func compileProduct(b compute.Backend, left, right shapes.Shape) (compute.Executable, error) {
	builder := b.Builder("product")
	f := builder.Main()
	x, err := f.Parameter("left", left, nil)
	if err != nil {
		return nil, err
	}
	y, err := f.Parameter("right", right, nil)
	if err != nil {
		return nil, err
	}
	product, err := f.DotGeneral(x, []int{1}, nil, y, []int{0}, nil, compute.DotGeneralConfig{})
	if err != nil {
		return nil, err
	}
	if err := f.Return([]compute.Value{product}, nil); err != nil {
		return nil, err
	}
	return builder.Compile()
}
