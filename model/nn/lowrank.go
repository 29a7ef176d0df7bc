package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// AdapterScope is the scope of low-rank adapters, beside those of networks.
const AdapterScope = "adapter"

// rankParam is the store's parameter that holds the rank of adapters.
const rankParam = "adapter_rank"

// LowRank adds a product of two matrices of this rank, initially zero, to the weight of every
// [Linear] map in the store, so that a trained network can be adapted with few parameters (LoRA, Hu
// et al. 2021, arXiv:2106.09685). Rank 0 adds none.
func LowRank(store *model.Store, rank int) { store.RootScope().SetParam(rankParam, rank) }

// Rank is the rank of the adapters in a store, 0 for none.
func Rank(store *model.Store) int { return model.GetRootParamOr(store, rankParam, 0) }

// AdapterPaths returns the paths of the two matrices that are added to the weight at a path,
// [in, rank] and [rank, out].
func AdapterPaths(weight string) (down, up string) {
	path := model.JoinPath("/", AdapterScope, weight)
	return path + "_down", path + "_up"
}

// LinearWeight is the weight [in, out] of a [Linear] map with a scope, for [LinearWith].
func LinearWeight(s *model.Scope, g graph.GraphProvider, std float64, dtype dtypes.DType, in, out int) *graph.Node {
	v := Weight(s, "weight", std, dtype, in, out)
	weight, store := v.NodeValue(g), s.Store()
	rank := Rank(store)
	if rank == 0 {
		return weight
	}
	downPath, upPath := AdapterPaths(v.Path())
	down := store.VariableWithShape(downPath, shapes.Make(dtype, in, rank), normal(store, downPath, Fan(in)))
	up := store.VariableWithShape(upPath, shapes.Make(dtype, rank, out), initializer.Zero)
	return graph.Add(weight, LinearWith(down.NodeValue(g), up.NodeValue(g)))
}
