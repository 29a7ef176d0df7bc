package train

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"gonum.org/v1/gonum/mat"

	"atelier/internal/registry"
)

// TestMuon follows a wide and a tall matrix in float64, by the iteration of the paper, and a
// table and a vector, which Adam updates.
func TestMuon(t *testing.T) {
	const steps, rate, momentum, decay, adamRate = 4, 0.1, 0.9, 0.5, 0.05
	matrices := map[string]*mat.Dense{
		"wide/weight": mat.NewDense(2, 3, []float64{1, 2, -1, 0.5, 1, 3}),
		"tall/weight": mat.NewDense(3, 2, []float64{2, 1, -1, 1, 0.5, 3}),
	}
	optimizer, err := registry.Make[Optimizer]("muon", "rate=0.1", "momentum=0.9", "decay=0.5", "adam_rate=0.05")
	if err != nil {
		t.Fatal(err)
	}
	p := descend()
	p.Optimizer = optimizer.Value
	p.Loss = func(in *Inputs) *Node {
		loss := ScalarZero(in.Graph, dtypes.Float32)
		square := func(name string, dims ...int) {
			v := in.Store.VariableWithShape("/net/"+name, shapes.Make(dtypes.Float32, dims...), initializer.One)
			loss = Add(loss, ReduceAllSum(Square(v.NodeValue(in.Graph))))
		}
		square("token/table", 2, 3)
		square("scale", 3)
		for name, towards := range matrices {
			rows, columns := towards.Dims()
			v := in.Store.VariableWithShape("/net/"+name, shapes.Make(dtypes.Float32, rows, columns), initializer.One)
			aim := ConvertDType(ConstTensor(in.Graph, tensors.FromFlatDataAndDimensions(towards.RawMatrix().Data, rows, columns)), dtypes.Float32)
			loss = Add(loss, MulScalar(ReduceAllSum(Square(Sub(v.NodeValue(in.Graph), aim))), 0.5))
		}
		return loss
	}
	l := loop(t, steps, p)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, towards := range matrices {
		rows, columns := towards.Dims()
		w, buffer := mat.NewDense(rows, columns, nil), mat.NewDense(rows, columns, nil)
		w.Apply(func(int, int, float64) float64 { return 1 }, w)
		for range steps {
			var slope, mixed mat.Dense
			slope.Sub(w, towards)
			buffer.Apply(func(i, j int, v float64) float64 { return momentum*v + (1-momentum)*slope.At(i, j) }, buffer)
			mixed.Apply(func(i, j int, v float64) float64 { return momentum*v + (1-momentum)*slope.At(i, j) }, buffer)
			step := newtonSchulz(&mixed)
			step.Scale(rate*math.Sqrt(max(1, float64(columns)/float64(rows))), step)
			w.Scale(1-rate*decay, w)
			w.Sub(w, step)
		}
		for i, got := range tensors.MustCopyFlatData[float32](l.Store.GetVariable("/net/" + name).MustValue()) {
			if want := w.At(i/columns, i%columns); math.Abs(float64(got)-want) > 1e-4 {
				t.Errorf("%s: number %d is %v, want %v", name, i, got, want)
			}
		}
	}
	x, first, second := 1.0, 0.0, 0.0
	for k := 1; k <= steps; k++ {
		first, second = 0.9*first+0.1*2*x, 0.99*second+0.01*4*x*x
		x -= adamRate * (first / (1 - math.Pow(0.9, float64(k)))) / (math.Sqrt(second/(1-math.Pow(0.99, float64(k)))) + 1e-8)
	}
	for _, path := range []string{"/net/token/table", "/net/scale"} {
		if got := tensors.MustCopyFlatData[float32](l.Store.GetVariable(path).MustValue())[0]; math.Abs(float64(got)-x) > 1e-5 {
			t.Errorf("%s is %v, want %v as by Adam without decay", path, got, x)
		}
	}
}

// newtonSchulz is x after five iterations of the paper's polynomial, x·xᵀ on the left, in float64.
func newtonSchulz(x *mat.Dense) *mat.Dense {
	var out mat.Dense
	out.Scale(1/(mat.Norm(x, 2)+1e-7), x)
	for range 5 {
		var gram, square, inner, turned mat.Dense
		gram.Mul(&out, out.T())
		square.Mul(&gram, &gram)
		gram.Scale(-4.7750, &gram)
		square.Scale(2.0315, &square)
		inner.Add(&gram, &square)
		turned.Mul(&inner, &out)
		out.Scale(3.4445, &out)
		out.Add(&out, &turned)
	}
	return &out
}

// TestUnfitMuon: settings that nobody can mean are refused.
func TestUnfitMuon(t *testing.T) {
	for _, setting := range []string{"rate=-1", "momentum=1", "iterations=0", "decay=-1", "adam_rate=-1", "beta1=1", "clip=-1"} {
		if _, err := registry.Make[Optimizer]("muon", setting); err == nil {
			t.Errorf("%s is accepted", setting)
		}
	}
}
