package ir

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/tensor"
)

// A writing is a graph that is written down for a test.
type writing struct{ g Graph }

func (w *writing) node(op compute.OpType, dims []int, attributes map[string]any, in ...Value) Value {
	n := &Node{Op: op, Inputs: in, Outputs: []shapes.Shape{shapes.Make(dtypes.Float32, dims...)}, Attributes: attributes}
	w.g.Nodes = append(w.g.Nodes, n)
	return Value{Node: n}
}

func (w *writing) parameter(dims ...int) Value {
	v := w.node(compute.OpTypeParameter, dims, map[string]any{"name": "x"})
	w.g.Parameters = append(w.g.Parameters, v.Node)
	return v
}

func (w *writing) constant(number float32) Value {
	v := w.node(compute.OpTypeConstant, nil, nil)
	c := tensor.FromFlat([]float32{number}, shapes.Make(dtypes.Float32))
	v.Node.Constant = &c
	return v
}

func (w *writing) reshape(v Value, dims ...int) Value {
	return w.node(compute.OpTypeReshape, dims, map[string]any{"dimensions": dims}, v)
}

func (w *writing) transpose(v Value, permutation ...int) Value {
	dims := make([]int, len(permutation))
	for i, axis := range permutation {
		dims[i] = v.Shape().Dimensions[axis]
	}
	return w.node(compute.OpTypeTranspose, dims, map[string]any{"permutation": permutation}, v)
}

func (w *writing) product(a, b Value, dims ...int) Value {
	return w.node(compute.OpTypeDotGeneral, dims, map[string]any{}, a, b)
}

func (w *writing) sum(v Value, axes ...int) Value {
	var dims []int
	for i, d := range v.Shape().Dimensions {
		if !slices.Contains(axes, i) {
			dims = append(dims, d)
		}
	}
	return w.node(compute.OpTypeReduceSum, dims, map[string]any{"axes": axes}, v)
}

func (w *writing) each(op compute.OpType, in ...Value) Value {
	dims := in[0].Shape().Dimensions
	for _, v := range in {
		if v.Shape().Size() > size(dims) {
			dims = v.Shape().Dimensions
		}
	}
	return w.node(op, dims, nil, in...)
}

func (w *writing) graph(outputs ...Value) *Graph {
	w.g.Outputs = outputs
	return &w.g
}

func ops(g *Graph) (out []compute.OpType) {
	for _, n := range Live(g).Nodes {
		if !n.Given() && n.Constant == nil {
			out = append(out, n.Op)
		}
	}
	return out
}

func TestSimplify(t *testing.T) {
	var w writing
	x := w.parameter(2, 1, 3)
	there := w.transpose(x, 2, 0, 1) // [3, 2, 1]
	back := w.transpose(there, 1, 2, 0)
	still := w.transpose(back, 1, 0, 2)   // [1, 2, 3]: nothing moves
	flat := w.reshape(still, 6)           // [6]
	again := w.reshape(flat, 2, 1, 3)     // [2, 1, 3]
	y := w.each(compute.OpTypeNeg, again) // of x itself
	if got := ops(Simplify(w.graph(y))); !slices.Equal(got, []compute.OpType{compute.OpTypeNeg}) {
		t.Errorf("got %v", got)
	}
}

func TestCommon(t *testing.T) {
	var w writing
	x := w.parameter(4)
	a := w.each(compute.OpTypeAdd, x, w.constant(2))
	b := w.each(compute.OpTypeAdd, x, w.constant(2)) // the same
	c := w.each(compute.OpTypeAdd, x, w.constant(3)) // not the same
	g := Common(w.graph(w.each(compute.OpTypeMul, a, b), w.each(compute.OpTypeMul, a, c)))
	if got := ops(g); len(got) != 4 {
		t.Errorf("got %v", got)
	}
	if first := g.Outputs[0].Node; first.Inputs[0] != first.Inputs[1] {
		t.Error("two sums of the same operands")
	}
	if second := g.Outputs[1].Node; second.Inputs[0] == second.Inputs[1] {
		t.Error("sums of different operands became one")
	}
}

// unitsOf are the operations of each unit.
func unitsOf(g *Graph) (out [][]compute.OpType) {
	for _, u := range Fuse(g) {
		var ops []compute.OpType
		for _, n := range u.Nodes {
			ops = append(ops, n.Op)
		}
		out = append(out, ops)
	}
	return out
}

// A softmax is one chain, with what comes before and after it.
func TestFuseRows(t *testing.T) {
	var w writing
	x := w.parameter(5, 7)
	scaled := w.each(compute.OpTypeMul, x, w.constant(2))
	most := w.node(compute.OpTypeReduceMax, []int{5}, map[string]any{"axes": []int{1}}, scaled)
	e := w.each(compute.OpTypeExp, w.each(compute.OpTypeSub, scaled, w.reshape(most, 5, 1)))
	p := w.each(compute.OpTypeDiv, e, w.reshape(w.sum(e, 1), 5, 1))
	if got := unitsOf(w.graph(w.each(compute.OpTypeNeg, p))); len(got) != 1 || len(got[0]) != 7 {
		t.Errorf("got %v", got)
	}
}

// What needs a product of a chain's result cannot be in that chain.
func TestFuseMakesNoCircle(t *testing.T) {
	var w writing
	x, weights := w.parameter(4, 4), w.parameter(4, 4)
	h := w.each(compute.OpTypeTanh, x)
	y := w.product(h, weights, 4, 4)
	z := w.each(compute.OpTypeAdd, h, y)
	got := unitsOf(w.graph(z))
	want := [][]compute.OpType{{compute.OpTypeTanh}, {compute.OpTypeDotGeneral}, {compute.OpTypeAdd}}
	if len(got) != 3 {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("unit %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// A chain may go on after what reads its beginning: then that reads all of it, and whatever the rest
// needs.
func TestFuseMakesNoCircleThroughLaterNodes(t *testing.T) {
	var w writing
	x, v, weights := w.parameter(4, 4), w.parameter(4, 4), w.parameter(4, 4)
	early := w.each(compute.OpTypeTanh, x)
	read := w.product(early, weights, 4, 4)
	other := w.each(compute.OpTypeNeg, v)
	late := w.each(compute.OpTypeAdd, early, w.product(other, weights, 4, 4)) // in the chain of early
	sum := w.each(compute.OpTypeSub, other, read)                             // so not in that of other
	got := unitsOf(w.graph(late, sum))
	want := [][]compute.OpType{{compute.OpTypeNeg}, {compute.OpTypeDotGeneral}, {compute.OpTypeTanh, compute.OpTypeAdd}, {compute.OpTypeDotGeneral}, {compute.OpTypeSub}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("unit %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// Whatever the graph, each unit reads only what units before it have made.
func TestFuseOrdersUnits(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var w writing
		made := []Value{w.parameter(4, 4), w.parameter(4, 4)}
		any := func() Value { return made[rng.IntN(len(made))] }
		for range 60 {
			switch rng.IntN(4) {
			case 0:
				made = append(made, w.product(any(), any(), 4, 4))
			case 1:
				made = append(made, w.each(compute.OpTypeNeg, any()))
			default:
				made = append(made, w.each(compute.OpTypeAdd, any(), made[len(made)-1]))
			}
		}
		g := w.graph(made...)
		done := map[*Node]bool{}
		for _, u := range Fuse(g) {
			for _, n := range u.Nodes {
				for _, in := range n.Inputs {
					if !in.Node.Given() && !done[in.Node] {
						t.Fatalf("seed %d: %v reads %v too early", seed, n.Op, in.Node.Op)
					}
				}
				done[n] = true
			}
		}
		if len(done) != 60 {
			t.Errorf("seed %d: %d nodes are in units, want 60", seed, len(done))
		}
	}
}

// An update that waits for a sum of squares is one chain all the same.
func TestApart(t *testing.T) {
	var w writing
	weights, x := w.parameter(4, 4), w.parameter(4, 4)
	slope := w.product(weights, x, 4, 4)
	square := w.each(compute.OpTypeMul, slope, slope)
	finite := w.each(compute.OpTypeSqrt, w.sum(square, 0, 1))
	update := w.each(compute.OpTypeDiv, slope, w.each(compute.OpTypeSqrt, square))
	kept := w.each(compute.OpTypeMul, w.each(compute.OpTypeSub, weights, update), finite)
	g := w.graph(kept)
	if got := unitsOf(g); len(got) != 4 {
		t.Errorf("as it is: %v", got)
	}
	if got := unitsOf(Apart(g)); !slices.ContainsFunc(got, func(u []compute.OpType) bool { return len(u) == 5 }) {
		t.Errorf("apart: %v", got)
	}
}
