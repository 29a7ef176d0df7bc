package arch

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/gradcheck"
)

// given is a weighing whose weights are a graph's input.
func given(table *graph.Node) func(*model.Scope, graph.GraphProvider, string, float64, dtypes.DType, int, int) *graph.Node {
	return func(*model.Scope, graph.GraphProvider, string, float64, dtypes.DType, int, int) *graph.Node {
		return table
	}
}

// TestOfWords adds up the rows of known words over the root of their number; no word and unknown
// words count nothing.
func TestOfWords(t *testing.T) {
	table := [][]float64{{9, 9}, {8, 8}, {1, 2}, {3, -4}, {5, 0}}
	tokens := [][]int32{{2, 3, 0}, {3, 2, 1}, {4, 4, 4}, {0, 1, 0}}
	out, err := graph.CallOnce(backend(), func(table, tokens *graph.Node) *graph.Node {
		return ofWords(given(table), nil, tokens, 5, 2, 1, table)
	}, table, tokens)
	if err != nil {
		t.Fatal(err)
	}
	got := out.Value().([][]float64)
	for i, want := range [][]float64{{4 / math.Sqrt2, -2 / math.Sqrt2}, {4 / math.Sqrt2, -2 / math.Sqrt2}, {15 / math.Sqrt(3), 0}, {0, 0}} {
		for k := range want {
			if math.Abs(got[i][k]-want[k]) > 1e-5 {
				t.Errorf("%v: %v, want %v", tokens[i], got[i], want)
			}
		}
	}
}

func TestOfWordsGradient(t *testing.T) {
	f := func(_ *model.Scope, in []*graph.Node) *graph.Node {
		tokens := graph.Const(in[0].Graph(), [][]int32{{2, 3, 0}, {3, 3, 4}, {1, 0, 0}})
		return scalar(ofWords(given(in[0]), nil, tokens, 5, 2, 1, in[0]))
	}
	if err := gradcheck.Check(backend(), f, gradcheck.Normal(4, 5, 2)); err != nil {
		t.Error(err)
	}
}
