package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// A Dropout sets a share of numbers to zero and scales up the others, so that their mean is
// preserved (Srivastava et al. 2014, Dropout: A simple way to prevent neural networks from
// overfitting). Nil changes nothing, as outside of training.
type Dropout struct {
	share float64
	state *graph.Node // of the random numbers
}

// DropoutWords is the number of words in the key of a dropout's random numbers.
const DropoutWords = 3

// NewDropout returns a dropout of a share, whose random numbers are derived from the key, int32
// [DropoutWords].
func NewDropout(share float64, key *graph.Node) *Dropout {
	return &Dropout{share, graph.ConvertDType(key, dtypes.Uint64)}
}

// Of applies the dropout to x.
func (d *Dropout) Of(x *graph.Node) *graph.Node {
	if d == nil {
		return x
	}
	var uniform *graph.Node
	d.state, uniform = graph.RandomUniform(d.state, shapes.Make(dtypes.Float32, x.Shape().Dimensions...))
	kept := graph.GreaterOrEqual(uniform, graph.Scalar(x.Graph(), dtypes.Float32, d.share))
	return graph.Mul(x, graph.MulScalar(graph.ConvertDType(kept, x.DType()), 1/(1-d.share)))
}
