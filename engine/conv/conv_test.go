package conv

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/engine/product"
	"atelier/engine/simd"
	"atelier/engine/threads"
)

var two = threads.New(2)

func engineOn(pool *threads.Pool, path simd.Path) *Engine {
	return NewEngine(pool, path, product.New(pool, path))
}

// everyEngine is one for each path.
func everyEngine() map[simd.Path]*Engine {
	engines := map[simd.Path]*Engine{}
	for _, path := range simd.Paths() {
		engines[path] = engineOn(two, path)
	}
	return engines
}

func (c call) mustPlan(t rapid.TB) *Plan {
	t.Helper()
	p, err := c.plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// near compares results with their definition.
func near(t rapid.TB, what string, got []float32, want, sizes []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d results, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		g := float64(got[i])
		if math.Abs(g-w) > 1e-5*sizes[i] || math.IsNaN(g) != math.IsNaN(w) {
			t.Fatalf("%s: result %d is %g, want %g", what, i, g, w)
		}
	}
}

func nan(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(math.NaN())
	}
	return v
}

// TestDefinition compares every path with the definition, over geometries of all
// kinds and kernels that lie in memory in all ways.
func TestDefinition(t *testing.T) {
	engines := everyEngine()
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		p := c.mustPlan(t)
		input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
		if len(input) > 0 && rapid.Bool().Draw(t, "NaN") {
			input[rapid.IntRange(0, len(input)-1).Draw(t, "place")] = float32(math.NaN())
		}
		want, sizes := c.define(input, kernel)
		for i := range sizes {
			if math.IsNaN(sizes[i]) {
				sizes[i] = 0
			}
		}
		view := drawView(t, c.kernel, kernel)
		for path, e := range engines {
			out := nan(len(want))
			p.Run(e, out, input, view, nil)
			near(t, string(path), out, want, sizes)
		}
	})
}

// drawView lays a kernel out in another order of axes, some of them backwards.
func drawView(t *rapid.T, dimensions []int, kernel []float32) View {
	if rapid.Bool().Draw(t, "row-major") {
		return View{Data: kernel}
	}
	order := make([]int, len(dimensions))
	for i := range order {
		order[i] = i
	}
	order = rapid.Permutation(order).Draw(t, "order of the kernel's axes")
	v := View{Data: make([]float32, len(kernel)), Strides: make([]int, len(dimensions))}
	stride := 1
	for _, axis := range order {
		v.Strides[axis] = stride
		if rapid.Bool().Draw(t, "backwards") {
			v.Strides[axis] = -stride
			v.Offset += max(0, dimensions[axis]-1) * stride
		}
		stride *= dimensions[axis]
	}
	walk(dimensions, func(at int, index []int) {
		to := v.Offset
		for i, n := range index {
			to += n * v.Strides[i]
		}
		v.Data[to] = kernel[at]
	})
	return v
}

// TestFinish checks that all values are finished once, each as its channel.
func TestFinish(t *testing.T) {
	e := engineOn(two, simd.Best())
	finished := 0
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		p := c.mustPlan(t)
		for tries := 0; tries < 20 && !p.Fuses(); tries++ { // few do
			c = draw(t)
			p = c.mustPlan(t)
		}
		if !p.Fuses() {
			return
		}
		finished++
		input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
		want := make([]float32, count(c.output()))
		p.Run(e, want, input, View{Data: kernel}, nil)
		walk(c.output(), func(at int, index []int) { want[at] += float32(index[c.axes.OutputChannels]) })
		got := nan(len(want))
		channels := c.output()[c.axes.OutputChannels]
		p.Run(e, got, input, View{Data: kernel}, func(at, n int) {
			for i := at; i < at+n; i++ {
				got[i] += float32(i % channels)
			}
		})
		if !slices.Equal(got, want) {
			t.Fatalf("finished %v\nwant %v", got, want)
		}
	})
	if finished == 0 {
		t.Error("no convolution fused its end")
	}
}

// layer is a layer of a network on square images [batch, side, side, channels].
type layer struct{ batch, side, in, out, size, stride, padding int }

// TestSameBits checks that threads do not change a result, nor does the batch that
// a picture is in.
func TestSameBits(t *testing.T) {
	for _, l := range []layer{
		{batch: 3, side: 8, in: 64, out: 40, size: 4, stride: 2, padding: 1},
		{batch: 3, side: 4, in: 160, out: 1, size: 4, stride: 1, padding: 0},
		{batch: 2, side: 17, in: 3, out: 70, size: 5, stride: 2, padding: 2},
		{batch: 2, side: 1, in: 20, out: 33, size: 4, stride: 1, padding: 3},
	} {
		for name, c := range map[string]call{"forward": l.forward(), "input gradient": l.inputGradient(), "kernel gradient": l.kernelGradient(), "transposed kernel gradient": l.transposedKernelGradient()} {
			input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
			out := func(c call, pool *threads.Pool, input []float32) []float32 {
				out := nan(count(c.output()))
				c.mustPlan(t).Run(engineOn(pool, simd.Best()), out, input, View{Data: kernel}, nil)
				return out
			}
			all := out(c, two, input)
			if !slices.Equal(all, out(c, threads.Single(), input)) || !slices.Equal(all, out(c, threads.New(4), input)) {
				t.Errorf("%+v, %s: threads change the result", l, name)
			}
			if strings.Contains(name, "kernel") {
				continue
			}
			one := c
			one.input = slices.Clone(c.input)
			one.input[0] = 1
			size := len(input) / c.input[0]
			alone := out(one, two, input[size:2*size])
			if !slices.Equal(alone, all[len(alone):2*len(alone)]) {
				t.Errorf("%+v, %s: a picture depends on its batch", l, name)
			}
		}
	}
}

// TestErrors checks what cannot be planned.
func TestErrors(t *testing.T) {
	good := layer{batch: 1, side: 4, in: 2, out: 3, size: 3, stride: 1, padding: 1}.forward()
	for name, spoil := range map[string]func(c *call){
		"channels":      func(c *call) { c.kernel = []int{3, 3, 5, 3} },
		"rank":          func(c *call) { c.input = []int{4, 4} },
		"axis":          func(c *call) { c.axes.OutputBatch = 9 },
		"groups":        func(c *call) { c.channelGroups = 0 },
		"large kernel":  func(c *call) { c.kernel = []int{9, 9, 2, 3} },
		"too many axes": func(c *call) { c.input, c.kernel = []int{1, 1, 1, 1, 1, 1}, []int{1, 1, 1, 1, 1, 1} },
	} {
		c := good
		spoil(&c)
		if _, err := c.plan(); err == nil {
			t.Errorf("%s: planned", name)
		}
	}
}
