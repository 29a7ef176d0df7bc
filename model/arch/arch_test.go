package arch

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/nn"
)

// backend is gomlx's own, one for all tests that need float64.
var backend = sync.OnceValue(func() compute.Backend {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		panic(err)
	}
	return b
})

const latent = 5

// pictures is a labelled spec of square pictures with values in [0, 4].
func pictures(side, channels int) data.Spec { return oblongs(side, side, channels) }

func oblongs(height, width, channels int) data.Spec {
	return labelled(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{height, width, channels}, Low: 0, High: 4})
}

func vectors(width int) data.Spec {
	return labelled(data.Field{Name: data.Target, Kind: data.Vector, Shape: []int{width}, Low: -4, High: 4})
}

// clips is a labelled spec of clips of square frames.
func clips(frames, side int) data.Spec {
	return labelled(data.Field{Name: data.Target, Kind: data.Frames, Shape: []int{frames, side, side, 1}, Low: 0, High: 4})
}

// taken is what an architecture of that name takes, as small as its defaults allow.
func taken(name string) data.Spec {
	if name == "clip" {
		return clips(3, 32)
	}
	return pictures(28, 1)
}

func labelled(f data.Field) data.Spec {
	return data.Spec{Fields: []data.Field{f, {Name: data.Label, Kind: data.Classes, Classes: []string{"a", "b", "c"}}}}
}

var specs = []data.Spec{pictures(28, 1), pictures(32, 4), pictures(64, 3), oblongs(48, 32, 2), vectors(2), clips(3, 32)}

// network is any of the three kinds, as outputs of one floating input and classes.
type network func(s *model.Scope, x, y *graph.Node) []*graph.Node

// everyNetwork yields each choice of each registry with its default settings,
// for each spec that it takes.
func everyNetwork(t *testing.T, visit func(t *testing.T, spec data.Spec, inputs []int, net network)) {
	each := func(kind, name string, build func(spec data.Spec) ([]int, network, error)) {
		t.Run(kind+" "+name, func(t *testing.T) {
			taken := 0
			for _, spec := range specs {
				inputs, net, err := build(spec)
				if err != nil {
					continue
				}
				taken++
				t.Run(fmt.Sprint(spec.Target().Shape), func(t *testing.T) { visit(t, spec, inputs, net) })
			}
			if taken == 0 {
				t.Error("accepts none of the specs")
			}
		})
	}
	for e := range Generators.All() {
		each("generator", e.Name, func(spec data.Spec) ([]int, network, error) {
			g, err := e.New().Generator(spec)
			return []int{latent}, ofGenerator(g), err
		})
	}
	for e := range Discriminators.All() {
		each("discriminator", e.Name, func(spec data.Spec) ([]int, network, error) {
			d, err := e.New().Discriminator(spec)
			return spec.Target().Shape, ofDiscriminator(d), err
		})
	}
	for e := range Velocities.All() {
		each("velocity", e.Name, func(spec data.Spec) ([]int, network, error) {
			v, err := e.New().Velocity(spec)
			return spec.Target().Shape, ofVelocity(v), err
		})
	}
	for e := range Classifiers.All() {
		each("classifier", e.Name, func(spec data.Spec) ([]int, network, error) {
			c, err := e.New().Classifier(spec)
			return spec.Target().Shape, ofClassifier(c), err
		})
	}
}

func ofGenerator(g Generator) network {
	return func(s *model.Scope, z, y *graph.Node) []*graph.Node {
		codes := g.Codes(s, z, OfClass(y)) // [batch, layers, width]
		return []*graph.Node{g.Samples(s, codes, OfClass(y))}
	}
}

func ofDiscriminator(d Discriminator) network {
	return func(s *model.Scope, x, y *graph.Node) []*graph.Node {
		features, logits := d(s, x, OfClass(y))
		return []*graph.Node{logits, features}
	}
}

// ofVelocity takes the time of a sample from its pixels.
func ofVelocity(v Velocity) network {
	return func(s *model.Scope, x, y *graph.Node) []*graph.Node {
		return []*graph.Node{v(s, x, graph.Sigmoid(graph.ReduceMean(x, 1, 2, 3)), OfClass(y))}
	}
}

func ofClassifier(c Classifier) network {
	return func(s *model.Scope, x, _ *graph.Node) []*graph.Node {
		features, logits := c(s, x)
		return []*graph.Node{logits, features}
	}
}

// TestShapesAndDeterminism runs every network twice from fresh stores, with and
// without classes.
func TestShapesAndDeterminism(t *testing.T) {
	everyNetwork(t, func(t *testing.T, spec data.Spec, dims []int, net network) {
		const n = 2
		x := normal(1, append([]int{n}, dims...)...)
		want := []int{n, 1}
		switch {
		case strings.Contains(t.Name(), "generator"), strings.Contains(t.Name(), "velocity"):
			want = append([]int{n}, spec.Target().Shape...)
		case strings.Contains(t.Name(), "classifier"):
			want = []int{n, 3}
		case strings.Contains(t.Name(), "discriminator_clip"): // one judges frames, the other clips
			want = []int{n, 2}
		}
		for _, y := range [][]int32{nil, {2, 0}} {
			a, b := draw(t, net, x, y), draw(t, net, x, y)
			if got := a.Shape().Dimensions; !slices.Equal(got, want) {
				t.Errorf("shape %v, want %v", got, want)
			}
			if !slices.Equal(tensors.MustCopyFlatData[float32](a), tensors.MustCopyFlatData[float32](b)) {
				t.Error("two runs from one seed differ")
			}
			finite(t, a)
		}
	})
}

// TestGradientsAreFinite with default settings, in the precision of training.
func TestGradientsAreFinite(t *testing.T) {
	everyNetwork(t, func(t *testing.T, _ data.Spec, dims []int, net network) {
		slope := func(s *model.Scope, x, y *graph.Node) []*graph.Node {
			s.Store().SetTraining(x.Graph(), true)
			out := net(s, x, y)[0]
			return graph.Gradient(graph.ReduceAllSum(graph.Square(out)), x)
		}
		finite(t, draw(t, slope, normal(2, append([]int{2}, dims...)...), []int32{1, 2}))
	})
}

// TestPixelsAreInRange is about the field's range, here [0, 4].
func TestPixelsAreInRange(t *testing.T) {
	for e := range Generators.All() {
		g, err := e.New().Generator(taken(e.Name))
		if err != nil {
			t.Fatal(err)
		}
		flat := tensors.MustCopyFlatData[float32](draw(t, ofGenerator(g), normal(3, 4, latent), nil))
		if lo, hi := slices.Min(flat), slices.Max(flat); lo < 0 || hi > 4 || lo > 1.9 || hi < 2.1 {
			t.Errorf("%s: values in [%v, %v], want them spread within [0, 4]", e.Name, lo, hi)
		}
	}
}

// TestSamplesAreIndependent places the same latent at every row of a batch among
// other latents: at inference the sample is the same to the last bit.
func TestSamplesAreIndependent(t *testing.T) {
	for e := range Generators.All() {
		t.Run(e.Name, func(t *testing.T) {
			g, err := e.New().Generator(taken(e.Name))
			if err != nil {
				t.Fatal(err)
			}
			const n = 5
			z := tensors.MustCopyFlatData[float32](normal(4, n, latent))
			var first []float32
			for row := range n {
				moved := slices.Clone(z)
				copy(moved[row*latent:(row+1)*latent], z[:latent])
				flat := tensors.MustCopyFlatData[float32](draw(t, ofGenerator(g), tensors.FromFlatDataAndDimensions(moved, n, latent), nil))
				size := len(flat) / n
				sample := flat[row*size : (row+1)*size]
				if row == 0 {
					first = sample
				}
				if !slices.Equal(sample, first) {
					t.Errorf("the sample differs in row %d", row)
				}
			}
		})
	}
}

// draw runs a network once from a fresh store, at inference.
func draw(t *testing.T, net network, x *tensors.Tensor, y []int32) *tensors.Tensor {
	t.Helper()
	store := model.NewStore()
	nn.Seed(store, 11)
	out, err := model.CallOnceN(ours(), store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return net(s.In("net"), in[0], classes(in[0], y))
	}, x)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// classes is y as a node, nil if it is nil.
func classes(x *graph.Node, y []int32) *graph.Node {
	if y == nil {
		return nil
	}
	return graph.Const(x.Graph(), y)
}

func normal(seed uint64, dims ...int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	noise.Normals(values, seed)
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

func finite(t *testing.T, x *tensors.Tensor) {
	t.Helper()
	for i, v := range tensors.MustCopyFlatData[float32](x) {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Fatalf("number %d is %v", i, v)
		}
	}
}
