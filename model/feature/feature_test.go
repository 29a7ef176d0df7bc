package feature

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/graphs"
	"atelier/model/nn"
	"atelier/model/weights"
)

func backend(t *testing.T) compute.Backend {
	t.Helper()
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var pictures = data.Spec{Fields: []data.Field{
	{Name: data.Target, Kind: data.Pixels, Shape: []int{9, 7, 3}, Low: -1, High: 1},
	{Name: data.Label, Kind: data.Classes, Classes: []string{"a", "b", "c"}},
}}

// noisy returns n samples of uniform noise.
func noisy(f data.Field, n int) *data.Column {
	c := data.NewColumn(f, n)
	noise.Uniforms(c.Floats, 5)
	for i, v := range c.Floats {
		c.Floats[i] = 2*v - 1
	}
	return &c
}

// one returns sample i alone.
func one(c *data.Column, i int) *data.Column {
	return &data.Column{Field: c.Field, Floats: c.Row(i)}
}

// network is a small classifier.
func network(store *model.Store, x *graph.Node) (features, logits *graph.Node) {
	s := store.Scope("net")
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1]*d[2]*d[3])
	features = nn.Relu(nn.Dense(s.In("features"), x, 10, 0.3)) // [batch, 10]
	return features, nn.Dense(s.In("out"), features, 3, 0.3)   // [batch, 3]
}

// trained writes weights of the network and returns their path.
func trained(t *testing.T) string {
	t.Helper()
	store := model.NewStore()
	_, err := model.CallOnce(backend(t), store, func(s *model.Scope, x *graph.Node) *graph.Node {
		_, logits := network(s.Store(), x)
		return logits
	}, tensors.FromShape(shapes.Make(dtypes.Float32, 1, 9, 7, 3)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := weights.Save(path, store, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestContract: every space sees a sample the same whatever stands beside it,
// says its name, and refuses samples of another shape.
func TestContract(t *testing.T) {
	set := Set{Name: "test", Spec: pictures, Weights: trained(t), Network: network}
	for entry := range Spaces.All() {
		t.Run(entry.Name, func(t *testing.T) {
			set, target := set, pictures.Target()
			if entry.Name == "clip" {
				target = data.Field{Name: data.Target, Kind: data.Frames, Shape: []int{3, 9, 7, 3}, Low: -1, High: 1}
				set.Spec = data.Spec{Fields: []data.Field{target}}
			}
			e, err := entry.New().Open(backend(t), set)
			if errors.Is(err, ErrNoWeights) && strings.Contains(err.Error(), "add them with: atelier weights add "+entry.Name) {
				t.Skip("its weights are not part of the program; model/ported compares what the network gives")
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(e.Name(), entry.Name) {
				t.Errorf("name %q", e.Name())
			}
			all := noisy(target, 70) // more than one chunk
			p, err := e.Embed(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			if p.N != 70 || len(p.Features) != 70*p.Width || p.Width == 0 {
				t.Fatalf("%d points of width %d in %d numbers", p.N, p.Width, len(p.Features))
			}
			for i := range p.N {
				alone, err := e.Embed(t.Context(), one(all, i))
				if err != nil || !slices.Equal(alone.Features, p.Row(i)) {
					t.Errorf("sample %d alone: %v, %v; among others %v", i, alone.Features, err, p.Row(i))
				}
			}
			if slices.ContainsFunc(p.Features, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
				t.Error("features are not finite")
			}
			other := noisy(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{7, 9, 3}}, 2)
			if _, err := e.Embed(t.Context(), other); err == nil {
				t.Error("no error for samples of another shape")
			}
			none, err := e.Embed(t.Context(), noisy(target, 0))
			if err != nil || none.N != 0 {
				t.Errorf("no samples: %v, %v", none, err)
			}
		})
	}
}

func TestRandomStrideByHand(t *testing.T) {
	// Of 3×3 pixels 1..9 the patches stand about pixels 1, 3, 7 and 9.
	got := strided([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, 1)
	want := []float32{
		0, 0, 0, 0, 1, 2, 0, 4, 5,
		0, 0, 0, 2, 3, 0, 5, 6, 0,
		0, 4, 5, 0, 7, 8, 0, 0, 0,
		5, 6, 0, 8, 9, 0, 0, 0, 0,
	}
	if got.Rows != 4 || got.Cols != 9 || !slices.Equal(got.Data, want) {
		t.Errorf("patches %v", got)
	}
}

func TestRandomIsFixed(t *testing.T) {
	e, err := random{}.Open(nil, Set{Spec: pictures})
	if err != nil {
		t.Fatal(err)
	}
	if want := "random@a6f426ac"; e.Name() != want {
		t.Errorf("the space is %s, was %s: scores no longer compare with earlier ones", e.Name(), want)
	}
}

func TestRandomOfVectorsIsIdentity(t *testing.T) {
	f := data.Field{Name: data.Target, Kind: data.Vector, Shape: []int{2}}
	e, err := random{}.Open(nil, Set{Spec: data.Spec{Fields: []data.Field{f}}})
	if err != nil || e.Name() != "identity" {
		t.Fatalf("%v, %v", e, err)
	}
	p, err := e.Embed(t.Context(), &data.Column{Field: f, Floats: []float32{1, 2, 3, 4}})
	if err != nil || !slices.Equal(p.Features, []float64{1, 2, 3, 4}) || p.N != 2 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestClassifierProbabilities(t *testing.T) {
	e, err := classifier{}.Open(backend(t), Set{Spec: pictures, Weights: trained(t), Network: network})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Embed(t.Context(), noisy(pictures.Target(), 3))
	if err != nil || len(p.Probabilities) != 9 || p.Width != 10 {
		t.Fatalf("%v, %v", p, err)
	}
	for row := range slices.Chunk(p.Probabilities, 3) {
		if sum := row[0] + row[1] + row[2]; math.Abs(sum-1) > 1e-6 {
			t.Errorf("probabilities %v add up to %v", row, sum)
		}
	}
}

func TestClassifierWithoutWeights(t *testing.T) {
	for _, set := range []Set{
		{},
		{Spec: pictures},
		{Spec: pictures, Network: network},
		{Spec: pictures, Network: network, Name: "no such set"},
		{Spec: pictures, Network: network, Name: "../classifier"},
		{Spec: pictures.Only(data.Target), Network: network, Name: "fashion"},
	} {
		if _, err := (classifier{}).Open(backend(t), set); !errors.Is(err, ErrNoWeights) {
			t.Errorf("%v: %v", set, err)
		}
	}
}

func TestClassifierWrongWeights(t *testing.T) {
	path := trained(t)
	bigger := func(store *model.Store, x *graph.Node) (features, logits *graph.Node) {
		features, logits = network(store, x)
		return features, nn.Dense(store.Scope("net").In("more"), logits, 3, 0.3)
	}
	fourth := pictures
	fourth.Fields = slices.Clone(pictures.Fields)
	fourth.Fields[1].Classes = []string{"a", "b", "c", "d"}
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("no weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "none")
	for want, set := range map[string]Set{
		"some that it needs are missing": {Spec: pictures, Weights: path, Network: bigger},
		"knows 3 classes, the set has 4": {Spec: fourth, Weights: path, Network: network},
		garbage:                          {Spec: pictures, Weights: garbage, Network: network},
		missing:                          {Spec: pictures, Weights: missing, Network: network},
	} {
		_, err := classifier{}.Open(backend(t), set)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	other := pictures
	other.Fields = slices.Clone(pictures.Fields)
	other.Fields[0].Shape = []int{9, 8, 3}
	if _, err := (classifier{}).Open(backend(t), Set{Spec: other, Weights: path, Network: network}); err == nil {
		t.Error("no error for pictures of another size")
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, err := random{}.Open(nil, Set{Spec: pictures})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(ctx, noisy(pictures.Target(), 3)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRandom28(b *testing.B) {
	f := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{28, 28, 1}, Low: -1, High: 1}
	e, err := random{}.Open(nil, Set{Spec: data.Spec{Fields: []data.Field{f}}})
	if err != nil {
		b.Fatal(err)
	}
	samples := noisy(f, 2000)
	for b.Loop() {
		if _, err := e.Embed(b.Context(), samples); err != nil {
			b.Fatal(err)
		}
	}
}

// TestBatchesKeepBits: a sample has the same bits in a [graphs.Batch] of any size.
func TestBatchesKeepBits(t *testing.T) {
	const most, depth, width = 48, 128, 70
	x, w := noisy(data.Field{Shape: []int{depth}}, most).Floats, noisy(data.Field{Shape: []int{depth}}, width).Floats
	c := graphs.New(backend(t), model.NewStore(), 8, func(_ *model.Scope, x, w *graph.Node) *graph.Node {
		return graph.Dot(x, w).Product() // [n, width]
	})
	var all []float32
	for n := most; n > 0; n /= 2 {
		n = graphs.Batch(n)
		out, err := c.Call(tensors.FromFlatDataAndDimensions(x[:n*depth], n, depth), tensors.FromFlatDataAndDimensions(w, depth, width))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			t.Fatal(err)
		}
		if all == nil {
			all = got
		}
		if !slices.Equal(got, all[:len(got)]) {
			t.Errorf("in a batch of %d the samples are others than in one of %d", n, most)
		}
		if n == graphs.Batch(1) {
			break
		}
	}
}
