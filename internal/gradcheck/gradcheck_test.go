package gradcheck

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// TestWrongGradientsAreFound bends the gradient of an input, and of a variable, by 1 %.
func TestWrongGradientsAreFound(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	right := func(x *graph.Node) *graph.Node { return x }
	bent := func(x *graph.Node) *graph.Node {
		return graph.IdentityWithCustomGradient(x, func(_, v *graph.Node) *graph.Node { return graph.MulScalar(v, 1.01) })
	}
	for _, c := range []struct {
		ofInput, ofVariable func(x *graph.Node) *graph.Node
		want                string
	}{
		{right, right, ""},
		{bent, right, "input 0: gradient along a direction is"},
		{right, bent, "/weight: gradient along a direction is"},
	} {
		f := func(s *model.Scope, in []*graph.Node) *graph.Node {
			w := s.WithInitializer(graph.Ones).VariableWithShape("weight", shapes.Make(dtypes.Float64, 3)).NodeValue(in[0])
			return graph.ReduceAllSum(graph.Sin(graph.Mul(c.ofInput(in[0]), c.ofVariable(w))))
		}
		err := Check(backend, f, Normal(1, 3))
		switch {
		case c.want == "" && err != nil:
			t.Error(err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("error %v, want %s ...", err, c.want)
		}
	}
}
