package loss

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/gradcheck"
)

// TestContrastiveByHand has two pictures with one caption and a third with another.
func TestContrastiveByHand(t *testing.T) {
	got := values(t, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		text := graph.Const(in[0].Graph(), [][]int32{{3, 1}, {3, 1}, {3, 2}})
		l, _ := Contrastive(in[0], in[1], graph.Const(in[0].Graph(), 2.), SameText(text, in[0]))
		return []*graph.Node{l}
	}, [][]float64{{1, 0}, {0, 1}, {0.6, 0.8}}, [][]float64{{1, 0}, {0.8, 0.6}, {0, 1}})
	products := [3][3]float64{{2, 1.6, 0}, {0, 1.2, 2}, {1.2, 1.92, 1.6}}
	want := 0.
	logs := func(i, k int, byRow bool) float64 {
		sum := 0.
		for n := range 3 {
			if byRow {
				sum += math.Exp(products[i][n])
			} else {
				sum += math.Exp(products[n][k])
			}
		}
		return products[i][k] - math.Log(sum)
	}
	for _, byRow := range []bool{true, false} {
		for i := range 2 {
			for k := range 2 {
				want -= logs(i, k, byRow) / 2 / 3 / 2
			}
		}
		want -= logs(2, 2, byRow) / 3 / 2
	}
	if math.Abs(got[0]-want) > 1e-12 {
		t.Errorf("got %v, want %v", got[0], want)
	}
}

func TestContrastiveGradients(t *testing.T) {
	f := func(_ *model.Scope, in []*graph.Node) *graph.Node {
		text := graph.Const(in[0].Graph(), [][]int32{{3, 1}, {3, 2}, {3, 1}, {0, 1}})
		l, _ := Contrastive(in[0], in[1], graph.Exp(graph.ReduceAllMean(in[2])), SameText(text, in[0]))
		return l
	}
	if err := gradcheck.Check(backend(), f, gradcheck.Normal(1, 4, 3), gradcheck.Normal(2, 4, 3), gradcheck.Normal(3, 1)); err != nil {
		t.Error(err)
	}
}
