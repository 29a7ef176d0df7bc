package nn

import (
	"hash/fnv"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/noise"
)

// SeedParam is the store's parameter that holds the seed of the initial weights.
const SeedParam = "seed"

// Seed sets the seed of the initial weights of every network in the store. The initial
// value of a variable depends only on this seed and its path: a layer added elsewhere
// changes nothing. The default is 0.
func Seed(store *model.Store, seed uint64) { store.RootScope().SetParam(SeedParam, seed) }

// He is the standard deviation sqrt(2/fanIn) that preserves the variance through
// layers with ReLU (He et al. 2015, arXiv:1502.01852).
func He(fanIn int) float64 { return math.Sqrt(2 / float64(fanIn)) }

// Fan is the standard deviation sqrt(1/fanIn) that preserves the variance without
// ReLU.
func Fan(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }

// Glorot is the standard deviation sqrt(2/(fanIn+fanOut)) for layers not
// followed by a ReLU (Glorot and Bengio 2010, "Understanding the difficulty
// of training deep feedforward neural networks").
func Glorot(fanIn, fanOut int) float64 { return math.Sqrt(2 / float64(fanIn+fanOut)) }

// Weight returns the trainable variable of that name and shape, initially normal with the
// given standard deviation.
func Weight(s *model.Scope, name string, std float64, dtype dtypes.DType, dims ...int) *model.Variable {
	path := model.JoinPath(s.Scope(), name)
	return s.WithInitializer(normal(s.Store(), path, std)).VariableWithShape(name, shapes.Make(dtype, dims...))
}

// Filled returns the trainable variable of that name and shape, initially filled with a
// value.
func Filled(s *model.Scope, name string, value float64, dtype dtypes.DType, dims ...int) *model.Variable {
	fill := func(g *graph.Graph, shape shapes.Shape) *graph.Node { return graph.FillScalar(g, shape, value) }
	return s.WithInitializer(fill).VariableWithShape(name, shapes.Make(dtype, dims...))
}

func normal(store *model.Store, path string, std float64) model.VariableInitializer {
	return func(g *graph.Graph, shape shapes.Shape) *graph.Node {
		key := fnv.New64a()
		key.Write([]byte(path))
		rng := noise.Stream(model.GetRootParamOr(store, SeedParam, uint64(0)), key.Sum64())
		values := make([]float32, shape.Size())
		for i := range values {
			values[i] = float32(rng.NormFloat64() * std)
		}
		t := tensors.FromFlatDataAndDimensions(values, shape.Dimensions...)
		return graph.ConvertDType(graph.ConstTensor(g, t), shape.DType)
	}
}
