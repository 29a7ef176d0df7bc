package cpu

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/simd"
	"atelier/engine/tensor"
)

// A drawing is a random graph: a list of operations that can be recorded in any
// function, each on values before it.
type drawing struct {
	parameters []shapes.Shape
	operations []operation
	outputs    []int
}

type operation struct {
	name  string
	shape shapes.Shape
	do    func(f compute.Function, v []compute.Value) (compute.Value, error)
}

func drawGraph(t *rapid.T) *drawing {
	d := &drawing{}
	dims := []int{rapid.IntRange(1, 4).Draw(t, "a"), rapid.IntRange(1, 7).Draw(t, "b"), rapid.SampledFrom([]int{1, 3, 16, 33}).Draw(t, "c")}
	for _, p := range [][]int{dims, dims, dims[2:], {dims[0], 1, dims[2]}, {dims[0], dims[1], 1}, {}} {
		d.parameters = append(d.parameters, shapes.Make(dtypes.Float32, p...))
	}
	for range rapid.IntRange(1, 25).Draw(t, "operations") {
		d.draw(t)
	}
	for range rapid.IntRange(1, 4).Draw(t, "outputs") {
		d.outputs = append(d.outputs, rapid.IntRange(0, d.len()-1).Draw(t, "output"))
	}
	d.outputs = append(d.outputs, d.len()-1)
	return d
}

func (d *drawing) len() int { return len(d.parameters) + len(d.operations) }

func (d *drawing) shape(i int) shapes.Shape {
	if i < len(d.parameters) {
		return d.parameters[i]
	}
	return d.operations[i-len(d.parameters)].shape
}

func (d *drawing) add(name string, dtype dtypes.DType, dims []int, do func(f compute.Function, v []compute.Value) (compute.Value, error)) int {
	d.operations = append(d.operations, operation{name, shapes.Make(dtype, dims...), do})
	return d.len() - 1
}

// one draws a value that is fit; ok is false if there is none.
func (d *drawing) one(t *rapid.T, fit func(s shapes.Shape) bool) (int, bool) {
	var all []int
	for i := range d.len() {
		if fit(d.shape(i)) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	if rapid.Bool().Draw(t, "recent") {
		all = all[max(0, len(all)-4):]
	}
	return rapid.SampledFrom(all).Draw(t, "value"), true
}

func isFloat32(s shapes.Shape) bool { return s.DType == dtypes.Float32 }

func (d *drawing) draw(t *rapid.T) {
	x, _ := d.one(t, isFloat32)
	dims := d.shape(x).Dimensions
	switch rapid.IntRange(0, 9).Draw(t, "operation") {
	case 0:
		op := rapid.SampledFrom([]func(compute.Function, compute.Value) (compute.Value, error){
			compute.Function.Tanh, compute.Function.Neg, compute.Function.Logistic, compute.Function.Abs, compute.Function.Cos,
		}).Draw(t, "unary")
		d.add(fmt.Sprintf("unary %d", x), dtypes.Float32, dims, func(f compute.Function, v []compute.Value) (compute.Value, error) { return op(f, v[x]) })
	case 1, 2:
		d.drawBinary(t, x, dims)
	case 3:
		d.drawReduction(t, x, dims)
	case 4:
		d.drawWhere(t, x, dims)
	case 5:
		d.drawBroadcast(t, x, dims)
	case 6:
		d.drawTranspose(t, x, dims)
	case 7:
		d.drawProduct(t, x, dims)
	case 8:
		d.drawSlice(t, x, dims)
	case 9:
		d.drawReshape(t, x, dims)
	}
}

// partner draws a value that an operation can be applied to together with dims.
func (d *drawing) partner(t *rapid.T, dims []int) int {
	y, _ := d.one(t, func(s shapes.Shape) bool {
		if !isFloat32(s) || s.Rank() != 0 && s.Rank() != len(dims) {
			return false
		}
		for i, n := range s.Dimensions {
			if n != dims[i] && n != 1 {
				return false
			}
		}
		return true
	})
	return y
}

func (d *drawing) drawBinary(t *rapid.T, x int, dims []int) {
	op := rapid.SampledFrom([]func(compute.Function, compute.Value, compute.Value) (compute.Value, error){
		compute.Function.Add, compute.Function.Sub, compute.Function.Mul, compute.Function.Max, compute.Function.Min,
	}).Draw(t, "binary")
	y := d.partner(t, dims)
	if rapid.Bool().Draw(t, "constant") {
		number := float32(rapid.IntRange(-2, 2).Draw(t, "number"))
		d.add(fmt.Sprintf("binary %d, %g", x, number), dtypes.Float32, dims, func(f compute.Function, v []compute.Value) (compute.Value, error) {
			c, err := f.Constant([]float32{number})
			if err != nil {
				return nil, err
			}
			return op(f, c, v[x])
		})
		return
	}
	d.add(fmt.Sprintf("binary %d %d", x, y), dtypes.Float32, dims, func(f compute.Function, v []compute.Value) (compute.Value, error) { return op(f, v[x], v[y]) })
}

func (d *drawing) drawReduction(t *rapid.T, x int, dims []int) {
	if len(dims) == 0 {
		return
	}
	var axes, rest, kept []int
	for i, n := range dims {
		if rapid.Bool().Draw(t, "reduced") {
			axes, kept = append(axes, i), append(kept, 1)
		} else {
			rest, kept = append(rest, n), append(kept, n)
		}
	}
	if len(axes) == 0 {
		axes, rest = []int{len(dims) - 1}, dims[:len(dims)-1]
		kept = append(slices.Clone(rest), 1)
	}
	op := rapid.SampledFrom([]func(compute.Function, compute.Value, ...int) (compute.Value, error){
		compute.Function.ReduceSum, compute.Function.ReduceMax, compute.Function.ReduceMin,
	}).Draw(t, "reduction")
	r := d.add(fmt.Sprintf("reduce %d over %v", x, axes), dtypes.Float32, rest, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		y, err := op(f, v[x], axes...)
		if err != nil {
			return nil, err
		}
		return f.Tanh(y) // so that nothing grows
	})
	if rapid.Bool().Draw(t, "kept") {
		d.add(fmt.Sprintf("keep %d", r), dtypes.Float32, kept, func(f compute.Function, v []compute.Value) (compute.Value, error) { return f.Reshape(v[r], kept...) })
	}
}

func (d *drawing) drawWhere(t *rapid.T, x int, dims []int) {
	y := d.partner(t, dims)
	d.add(fmt.Sprintf("where %d %d", x, y), dtypes.Float32, dims, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		c, err := f.GreaterThan(v[x], v[y])
		if err != nil {
			return nil, err
		}
		c, err = f.LogicalNot(c)
		if err != nil {
			return nil, err
		}
		// Continuous: a last place more or less does not turn it around.
		less, err := f.Sub(v[x], v[y])
		if err != nil {
			return nil, err
		}
		zero, err := f.Constant([]float32{0})
		if err != nil {
			return nil, err
		}
		return f.Where(c, less, zero)
	})
}

func (d *drawing) drawBroadcast(t *rapid.T, x int, dims []int) {
	if len(dims) > 3 {
		return
	}
	wide, _ := d.one(t, isFloat32)
	to := d.shape(wide).Dimensions
	if len(to) < len(dims) {
		return
	}
	axes := make([]int, len(dims))
	for i := range axes {
		axes[i] = len(to) - len(dims) + i
		if n := dims[i]; n != 1 && n != to[axes[i]] {
			return
		}
	}
	d.add(fmt.Sprintf("broadcast %d", x), dtypes.Float32, to, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		return f.BroadcastInDim(v[x], shapes.Make(dtypes.Float32, to...), axes)
	})
}

func (d *drawing) drawTranspose(t *rapid.T, x int, dims []int) {
	axes := make([]int, len(dims))
	for i := range axes {
		axes[i] = i
	}
	permutation := rapid.Permutation(axes).Draw(t, "permutation")
	out := make([]int, len(dims))
	for i, a := range permutation {
		out[i] = dims[a]
	}
	d.add(fmt.Sprintf("transpose %d %v", x, permutation), dtypes.Float32, out, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		return f.Transpose(v[x], permutation...)
	})
}

// drawProduct multiplies a value with another one over an axis that both have.
func (d *drawing) drawProduct(t *rapid.T, x int, dims []int) {
	if len(dims) == 0 {
		return
	}
	a := rapid.IntRange(0, len(dims)-1).Draw(t, "axis")
	y, ok := d.one(t, func(s shapes.Shape) bool { return isFloat32(s) && slices.Contains(s.Dimensions, dims[a]) })
	if !ok || d.shape(x).Size()*d.shape(y).Size() > 1<<16 || len(dims)+d.shape(y).Rank() > 5 {
		return
	}
	other := d.shape(y).Dimensions
	b := slices.Index(other, dims[a])
	var batch []int
	if a > 0 && b > 0 && other[0] == dims[0] && rapid.Bool().Draw(t, "batch") {
		batch = []int{0}
	}
	out := slices.Clone(dims[:len(batch)])
	for i, n := range dims[len(batch):] {
		if i+len(batch) != a {
			out = append(out, n)
		}
	}
	for i, n := range other[len(batch):] {
		if i+len(batch) != b {
			out = append(out, n)
		}
	}
	permutation, turned := rapid.Permutation(count(0, len(out))).Draw(t, "turned"), make([]int, len(out))
	for i, axis := range permutation {
		turned[i] = out[axis]
	}
	d.add(fmt.Sprintf("product %d.%d %d.%d, %d batches, turned %v", x, a, y, b, len(batch), permutation), dtypes.Float32, turned, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		p, err := f.DotGeneral(v[x], []int{a}, batch, v[y], []int{b}, batch, compute.DotGeneralConfig{})
		if err != nil {
			return nil, err
		}
		if p, err = f.Transpose(p, permutation...); err != nil {
			return nil, err
		}
		return f.Tanh(p)
	})
}

func (d *drawing) drawSlice(t *rapid.T, x int, dims []int) {
	starts, limits, steps, out := make([]int, len(dims)), slices.Clone(dims), make([]int, len(dims)), make([]int, len(dims))
	for i, n := range dims {
		if n > 0 {
			starts[i] = rapid.IntRange(0, n-1).Draw(t, "start")
		}
		steps[i] = rapid.IntRange(1, 2).Draw(t, "step")
		out[i] = (limits[i] - starts[i] + steps[i] - 1) / steps[i]
	}
	d.add(fmt.Sprintf("slice %d %v", x, starts), dtypes.Float32, out, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		return f.Slice(v[x], starts, limits, steps)
	})
}

func (d *drawing) drawReshape(t *rapid.T, x int, dims []int) {
	out := []int{d.shape(x).Size()}
	if len(dims) > 1 && rapid.Bool().Draw(t, "merge") {
		out = append([]int{dims[0] * dims[1]}, dims[2:]...)
	}
	d.add(fmt.Sprintf("reshape %d %v", x, out), dtypes.Float32, out, func(f compute.Function, v []compute.Value) (compute.Value, error) {
		return f.Reshape(v[x], out...)
	})
}

// run executes the graph; donated inputs are given away.
func (d *drawing) run(t interface{ Fatal(...any) }, b compute.Backend, donate bool) [][]float32 {
	builder := b.Builder("random")
	f := builder.Main()
	var values []compute.Value
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var inputs []compute.Buffer
	for i, s := range d.parameters {
		v, err := f.Parameter(fmt.Sprint(i), s, nil)
		check(err)
		values = append(values, v)
		flat := make([]float32, s.Size())
		for k := range flat {
			flat[k] = float32(math.Sin(float64(k*(i+3)) + float64(i)))
		}
		in, err := b.BufferFromFlatData(0, flat, s)
		check(err)
		inputs = append(inputs, in)
	}
	for _, o := range d.operations {
		v, err := o.do(f, values)
		check(err)
		values = append(values, v)
	}
	var outputs []compute.Value
	for _, o := range d.outputs {
		outputs = append(outputs, values[o])
	}
	check(f.Return(outputs, nil))
	e, err := builder.Compile()
	check(err)
	give := make([]bool, len(inputs))
	for i := range give {
		give[i] = donate
	}
	results, err := e.Execute(inputs, give, 0)
	check(err)
	var out [][]float32
	for _, r := range results {
		flat, err := r.Data()
		check(err)
		out = append(out, slices.Clone(flat.([]float32)))
	}
	return out
}

// Random graphs, fused and planned, give what gomlx's Go backend gives, and the same
// bits on any number of threads.
func TestRandomGraphs(t *testing.T) {
	plain, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	var backends []*Backend
	for _, path := range simd.Paths() {
		for _, n := range []int{1, 3} {
			b, err := New(path, n)
			if err != nil {
				t.Fatal(err)
			}
			backends = append(backends, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := drawGraph(t)
		for i, o := range d.operations {
			t.Log(len(d.parameters)+i, o.name, o.shape)
		}
		want := d.run(t, plain, false)
		var first [][]float32
		for k, b := range backends {
			got := d.run(t, b, rapid.Bool().Draw(t, "donate"))
			for i := range want {
				for j := range want[i] {
					if diff := math.Abs(float64(got[i][j] - want[i][j])); !(diff <= 2e-4*(1+math.Abs(float64(want[i][j])))) {
						t.Fatalf("%s: output %d (value %d)[%d] is %g, want %g", b.Description(), i, d.outputs[i], j, got[i][j], want[i][j])
					}
				}
			}
			if k%2 == 0 {
				first = got
				continue
			}
			for i := range first {
				if !slices.Equal(tensor.BytesOf(first[i]), tensor.BytesOf(got[i])) {
					t.Fatalf("%s: output %d is not that of one thread", b.Description(), i)
				}
			}
		}
	})
}
