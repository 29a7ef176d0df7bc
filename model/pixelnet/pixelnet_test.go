package pixelnet

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/tensorfile"
)

// small are weights of a layout with few channels.
func small(t testing.TB, name string, widths func(layer int) int) tensorfile.Set {
	t.Helper()
	set := tensorfile.Set{}
	for _, l := range layouts() {
		if l.Name != name {
			continue
		}
		in := l.Channels
		for i, layer := range l.Layers {
			out := widths(i)
			if i == len(l.Layers)-1 {
				out = l.Channels
			}
			size := 3
			if l.Name == "johnson" && (i == 0 || i == len(l.Layers)-1) {
				size = 9
			}
			shape := []int{size, size, in, out}
			if layer.Up > 0 {
				shape = []int{size, size, out, in}
			}
			if l.Kernels == "oihw" {
				shape = []int{out, in, size, size}
			}
			tensor := func(shape []int, scale, add float32) tensorfile.Tensor {
				n := 1
				for _, d := range shape {
					n *= d
				}
				values := make([]float32, n)
				noise.Normals(values, 7, uint64(len(set)))
				for i := range values {
					values[i] = values[i]*scale + add
				}
				return tensorfile.Tensor{Shape: shape, Values: values}
			}
			set[layer.Kernel] = tensor(shape, float32(1/math.Sqrt(float64(size*size*in))), 0)
			for _, name := range []string{layer.Bias, layer.Shift} {
				if name != "" {
					set[name] = tensor([]int{out}, .1, 0)
				}
			}
			if layer.Scale != "" {
				set[layer.Scale] = tensor([]int{out}, .2, 1)
			}
			in = out
		}
	}
	return set
}

func narrow(int) int { return 4 }

// reference runs the network in float64, by the definition of each layer.
func reference(n *Net, p *Planes) []float64 {
	h, w := p.Height, p.Width
	x := make([]float64, len(p.Values))
	for i, v := range p.Values {
		x[i] = float64(v)
	}
	input := x
	var begun []float64
	for i, l := range n.Layers {
		if l.Begin {
			begun = x
		}
		k := n.kernels[i]
		size, in, out := k.Shape[0], k.Shape[2], k.Shape[3]
		stride := max(l.Stride, 1)
		oh, ow := (h+stride-1)/stride, (w+stride-1)/stride
		if l.Up > 0 {
			oh, ow = h*l.Up, w*l.Up
		}
		y := make([]float64, oh*ow*out)
		// Transposed, what goes from a to b goes from b to a.
		big, little, step := [2]int{h, w}, [2]int{oh, ow}, stride
		if l.Up > 0 {
			big, little, step = [2]int{oh, ow}, [2]int{h, w}, l.Up
		}
		before := max((little[0]-1)*step+size-big[0], 0) / 2
		for v := range little[0] {
			for u := range little[1] {
				for j := range size {
					for i := range size {
						b, a := v*step+j-before, u*step+i-before
						if b < 0 || a < 0 || b >= big[0] || a >= big[1] {
							continue
						}
						from, to := b*w+a, v*ow+u
						if l.Up > 0 {
							from, to = v*w+u, b*ow+a
						}
						for c := range in {
							for o := range out {
								y[to*out+o] += x[from*in+c] * float64(k.Values[((j*size+i)*in+c)*out+o])
							}
						}
					}
				}
			}
		}
		h, w = oh, ow
		finish(n, l, y, out)
		if l.Add {
			for i := range y {
				y[i] += begun[i]
			}
		}
		x = y
	}
	for i := range x {
		switch n.Out {
		case outTanh:
			x[i] = 150*math.Tanh(x[i]) + 127.5
		case outResidual:
			x[i] = input[i] - x[i]
		}
	}
	return x
}

// finish adds the bias or norms, and cuts below 0.
func finish(n *Net, l layer, y []float64, out int) {
	for o := range out {
		mean, square, count := 0., 0., float64(len(y)/out)
		for i := o; i < len(y); i += out {
			mean += y[i] / count
		}
		for i := o; i < len(y); i += out {
			square += (y[i] - mean) * (y[i] - mean) / count
		}
		for i := o; i < len(y); i += out {
			if l.Bias != "" {
				y[i] += float64(n.tensors[l.Bias].Values[o])
			}
			if l.Scale != "" {
				y[i] = (y[i]-mean)/math.Sqrt(square+1e-3)*float64(n.tensors[l.Scale].Values[o]) + float64(n.tensors[l.Shift].Values[o])
			}
			if l.ReLU {
				y[i] = max(y[i], 0)
			}
		}
	}
}

func pictureOf(w, h, channels int, most float32) *Planes {
	p := &Planes{w, h, channels, make([]float32, w*h*channels)}
	noise.Uniforms(p.Values, 3)
	for i := range p.Values {
		p.Values[i] *= most
	}
	return p
}

func runner(t testing.TB, name string) *Runner {
	t.Helper()
	n, err := Fit(small(t, name, narrow))
	if err != nil {
		t.Fatal(err)
	}
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(backend, n)
	t.Cleanup(func() { r.Close(); backend.Finalize() })
	return r
}

// Both networks give what their layers are defined to give, within a 255th of the range.
func TestNetworks(t *testing.T) {
	for name, c := range map[string]struct {
		channels int
		most     float32
	}{"johnson": {3, 255}, "dncnn": {1, 1}} {
		r := runner(t, name)
		p := pictureOf(20, 16, c.channels, c.most)
		got, err := r.Apply(t.Context(), p, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range reference(r.Net, p) {
			if math.Abs(float64(got.Values[i])-want) > float64(c.most)/2550 {
				t.Fatalf("%s: value %d is %g, want %g", name, i, got.Values[i], want)
			}
		}
	}
}

// A picture in tiles is the same as the whole: without norms, and with those of the same picture.
func TestTiles(t *testing.T) {
	for name, channels := range map[string]int{"johnson": 3, "dncnn": 1} {
		r := runner(t, name)
		p := pictureOf(1100, 36, channels, float32(r.Range))
		whole, err := r.Apply(t.Context(), p, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Whole = 1000
		tiled, err := r.Apply(t.Context(), p, func(int, int) *Planes { return p }, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range whole.Values {
			if math.Abs(float64(tiled.Values[i]-v)) > r.Range/255 {
				t.Fatalf("%s: value %d (x %d) is %g in tiles, %g whole", name, i, i/channels%1100, tiled.Values[i], v)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Apply(ctx, p, func(int, int) *Planes { return p }, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: stopped: %v", name, err)
		}
	}
}

// Weights that fit no layout are told by name.
func TestFit(t *testing.T) {
	for want, change := range map[string]func(tensorfile.Set){
		"missing Variable_5; left over nothing": func(s tensorfile.Set) { delete(s, "Variable_5") },
		"missing nothing; left over extra":      func(s tensorfile.Set) { s["extra"] = s["Variable"] },
		"Variable_4 has the shape [3]; want [4]": func(s tensorfile.Set) {
			s["Variable_4"] = tensorfile.Tensor{Shape: []int{3}, Values: make([]float32, 3)}
		},
		"Variable_3 has the shape [4]; want four ax": func(s tensorfile.Set) { s["Variable_3"] = tensorfile.Tensor{Shape: []int{4}} },
	} {
		set := small(t, "johnson", narrow)
		change(set)
		if _, err := Fit(set); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if len(AllKnown()) < 3 {
		t.Error("the list of known networks is not whole")
	}
}
