package family

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/train"
)

// TestDivergence holds the closed form to the integral that it is.
func TestDivergence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, log := rapid.Float64Range(-2, 2).Draw(t, "mean"), rapid.Float64Range(-3, 1.5).Draw(t, "log variance")
		deviation, want := math.Exp(log/2), 0.0
		const step = 1e-3
		for u := -8.0; u < 8; u += step { // in deviations
			x := mean + deviation*u
			want += step * math.Exp(-u*u/2) / math.Sqrt(2*math.Pi) * (x*x/2 - u*u/2 - log/2)
		}
		out, err := model.CallOnce(must(opened()), model.NewStore(), func(_ *model.Scope, in []*graph.Node) *graph.Node {
			return divergence(in[0], in[1])
		}, tensors.FromValue([][]float32{{float32(mean), 0}}), tensors.FromValue([][]float32{{float32(log), 0}}))
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(tensors.MustCopyFlatData[float32](out)[0]); math.Abs(got-want) > 1e-4*(1+want) {
			t.Errorf("divergence %v, want %v", got, want)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestSurprise holds the optimal variance to the density with any other.
func TestSurprise(t *testing.T) {
	out, err := model.CallOnce(must(opened()), model.NewStore(), func(_ *model.Scope, x *graph.Node) *graph.Node {
		return reconstruction(x, labelled.Target())
	}, float32(0.04))
	if err != nil {
		t.Fatal(err)
	}
	got := float64(tensors.ToScalar[float32](out))
	with := func(variance float64) float64 { return (math.Log(2*math.Pi*variance) + 0.04/variance) / 2 }
	if math.Abs(got-with(0.04)) > 1e-3 || got > with(0.03) || got > with(0.05) {
		t.Errorf("%v nats with the best variance, %v with 0.04, %v with 0.03, %v with 0.05", got, with(0.04), with(0.03), with(0.05))
	}
}

// coding is a vae by class that codes the pictures of its training well.
func coding(t *testing.T) (Model, *model.Store) {
	vae := small(registry.Choose[Family]("vae").Value).(*VAE)
	vae.Conditional, vae.Beta, vae.EMA, vae.Optimizer = true, 0.1, 0.5, train.NewAdam(0.02, 0.9, 0.99)
	vae.Decoder = made[arch.GeneratorArch]("mlp", "widths=[16]", "norm=none")
	return trained(t, vae, labelled, 200)
}

// TestInvertFromGuess starts at what the encoder says, of every class or of the one that
// is asked for, and comes nearer from there.
func TestInvertFromGuess(t *testing.T) {
	m, store := coding(t)
	s, err := m.(Steerable).Steering(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	invert, err := m.(Invertible).Inverter(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	all, err := batches{labelled}.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	given := &data.Batch{N: 1, Columns: []data.Column{*all.Rows(0, 1).Column(data.Target)}}
	field, _ := labelled.Field(data.Label)
	asked := &data.Batch{N: 2}
	asked.Set(data.Column{Field: field, Ints: []int32{1, 1}})
	for _, conditions := range []*data.Batch{nil, asked} {
		found, err := invert(t.Context(), given, []uint64{1, 2}, conditions, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		if asked := conditions.Column(data.Label); asked != nil && found.Guess.Column(data.Label).Ints[0] != 1 {
			t.Errorf("class 1 was asked for, the guess has %d", found.Guess.Column(data.Label).Ints[0])
		}
		far := func(codes *data.Batch) (sum float64) {
			for k, v := range drawnOf(t, s, codes).Column(data.Target).Floats {
				sum += math.Pow(float64(v-given.Column(data.Target).Floats[k]), 2)
			}
			return sum
		}
		if guess, end := far(found.Guess), far(found.Codes); end > guess {
			t.Errorf("from %g at the guess to %g", guess, end)
		}
	}
}

// TestEncoder draws from the codes of given pictures what is near them, and the same
// whatever stands beside them.
func TestEncoder(t *testing.T) {
	m, store := coding(t)
	encode, err := m.(Encoding).Encoder(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	steering, err := m.(Steerable).Steering(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	given, err := batches{labelled}.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	codes, err := encode(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for b, err := range steering.Samples(t.Context(), codes) {
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range b.Column(data.Target).Floats {
			if want := given.Column(data.Target).Row(i)[k]; math.Abs(float64(v-want)) > 0.3 {
				t.Fatalf("picture %d, number %d: %v became %v", i, k, want, v)
			}
		}
		i++
	}
	if i != given.N {
		t.Errorf("%d of %d came back", i, given.N)
	}
	alone, err := encode(t.Context(), given.Rows(4, 5))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(alone.Column(Code).Floats, codes.Column(Code).Row(4)) {
		t.Error("a picture alone has another code than among others")
	}
	if _, err := encode(t.Context(), &data.Batch{N: given.N, Columns: given.Columns[:1]}); err == nil {
		t.Error("encoded by class without classes")
	}
}
