package family

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/nn"
)

// styled is a generator whose codes have four layers, each of which gives a quarter of
// the rows of a picture their level.
type styled struct{ height, width int }

func (m styled) Generator(spec data.Spec) (arch.Generator, error) {
	return styled{spec.Target().Shape[0], spec.Target().Shape[1]}, nil
}

func (styled) Codes(s *model.Scope, z *graph.Node, _ arch.Conditions) *graph.Node {
	w := nn.Dense(s.In("mapping"), z, 4*3, 1)                             // [batch, 4·3]
	return graph.AddScalar(graph.Reshape(w, z.Shape().Dim(0), 4, 3), 0.5) // [batch, 4, 3]
}

func (m styled) Samples(_ *model.Scope, codes *graph.Node, _ arch.Conditions) *graph.Node {
	n := codes.Shape().Dim(0)
	level := graph.MulScalar(graph.ReduceMean(codes, 2), 0.3)                                             // [batch, 4]
	rows := graph.BroadcastToDims(graph.InsertAxes(graph.Tanh(level), -1, -1), n, 4, m.height/4, m.width) // [batch, 4, quarter, width]
	return graph.Reshape(rows, n, m.height, m.width, 1)
}

// steered is a small GAN whose generator is as given, trained for two steps.
func steered(t *testing.T, g arch.GeneratorArch, conditional bool) (*gan, *Steering, *model.Store) {
	t.Helper()
	f := small(registry.Choose[Family]("gan").Value).(*GAN)
	f.Conditional = conditional
	if g != nil {
		f.Generator.Value = g
	}
	m, store := trained(t, f, labelled, 2)
	s, err := m.(judgingGAN).Steering(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	return m.(judgingGAN).gan, s, store
}

func codesOf(t *testing.T, s *Steering, seeds ...uint64) *data.Batch {
	t.Helper()
	b, err := s.Codes(t.Context(), seeds, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A steering says what its codes are.
func TestSteering(t *testing.T) {
	_, plain, _ := steered(t, nil, false)
	_, style, _ := steered(t, styled{}, false)
	if !plain.Latent || plain.Layers != 1 || style.Latent || style.Layers != 4 {
		t.Errorf("plain: %v %d, style: %v %d", plain.Latent, plain.Layers, style.Latent, style.Layers)
	}
}

// The centre of a class is where the mean of its codes is, by other seeds too.
func TestCentresAreOfClasses(t *testing.T) {
	style := made[arch.GeneratorArch]("style", "width=2", "limit=4", "patch=1", "code=3", "mapping=1", "mapping_rate=1").Value
	_, s, _ := steered(t, style, true)
	seeds := make([]uint64, 2000)
	for i := range seeds {
		seeds[i] = uint64(1_000_000 + i)
	}
	codes := codesOf(t, s, seeds...)
	sum, of := map[int32][]float64{}, map[int32]float64{}
	for i, class := range codes.Column(data.Label).Ints {
		if sum[class] == nil {
			sum[class] = make([]float64, 3)
		}
		of[class]++
		for k, v := range codes.Column(Code).Row(i)[:3] {
			sum[class][k] += float64(v)
		}
	}
	var all [][]float32
	for class, sums := range sum {
		centre, err := s.Centre(t.Context(), int(class))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, centre)
		for k, v := range sums {
			if mean := v / of[class]; math.Abs(mean-float64(centre[k])) > 0.1 {
				t.Errorf("class %d: number %d of the centre is %v, the mean %v", class, k, centre[k], mean)
			}
		}
	}
	if len(all) < 2 || slices.Equal(all[0], all[1]) {
		t.Errorf("%d centres, of which two are one", len(all))
	}
}

// Both ends of a way are what it was between, to the last bit; latents stay as far from
// the middle, and codes that are none go straight.
func TestBetween(t *testing.T) {
	_, plain, _ := steered(t, nil, true)
	_, style, _ := steered(t, styled{}, false)
	for _, s := range []*Steering{plain, style} {
		b := codesOf(t, s, 3, 9)
		way := s.Between(b, 0, 1, []float64{0, 0.5, 1})
		for _, c := range way.Columns {
			from := b.Column(c.Field.Name)
			if c.Ints != nil {
				if c.Ints[2] != from.Ints[0] {
					t.Errorf("%s: %v", c.Field.Name, c.Ints)
				}
				continue
			}
			if !slices.Equal(c.Row(0), from.Row(0)) || !slices.Equal(c.Row(2), from.Row(1)) {
				t.Errorf("%s: ends %v and %v, want %v and %v", c.Field.Name, c.Row(0), c.Row(2), from.Row(0), from.Row(1))
			}
			for k, v := range c.Row(1) {
				if straight := (from.Row(0)[k] + from.Row(1)[k]) / 2; (math.Abs(float64(v-straight)) < 1e-6) != (c.Field.Name == Code && !s.Latent) {
					t.Errorf("%s: %g in the middle, the line has %g", c.Field.Name, v, straight)
				}
			}
		}
	}
}

// What is drawn at both ends of a way is what the seeds give, to the last bit, however
// many are drawn at once.
func TestEndsAreSamples(t *testing.T) {
	for _, g := range []arch.GeneratorArch{nil, styled{}} {
		_, s, _ := steered(t, g, false)
		draw := func(samples func(func(*data.Batch, error) bool)) (all []string) {
			for b, err := range samples {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, fmt.Sprint(b.Column(data.Target).Floats))
			}
			return all
		}
		want := draw(s.Sampler(1)(t.Context(), []uint64{3, 9}, nil))
		shares := make([]float64, 60)
		for k := range shares {
			shares[k] = float64(k) / float64(len(shares)-1)
		}
		way := draw(s.Samples(t.Context(), s.Between(codesOf(t, s, 3, 9), 0, 1, shares)))
		if way[0] != want[0] || way[len(way)-1] != want[1] || way[30] == want[0] {
			t.Error("the ends of the way are other samples")
		}
	}
}

// On the sphere every point of the way is on the sphere.
func TestSpherical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float32Range(-3, 3)
		a, b := rapid.SliceOfN(number, 4, 4).Draw(t, "a"), rapid.SliceOfN(number, 4, 4).Draw(t, "b")
		length := func(v []float32) float64 {
			sum := 0.
			for _, x := range v {
				sum += float64(x) * float64(x)
			}
			return math.Sqrt(sum)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		one, other := spherical(a, b, share)
		if one < 0 || other < 0 || math.IsNaN(one+other) {
			t.Fatalf("weights %g and %g", one, other)
		}
		if length(a) < 0.1 || length(b) < 0.1 {
			return
		}
		la, lb := float32(length(a)), float32(length(b))
		for k := range a {
			a[k], b[k] = a[k]/la, b[k]/lb
		}
		between := make([]float32, 4)
		one, other = spherical(a, b, share)
		if mix(between, a, b, one, other); one != 1-share && math.Abs(length(between)-1) > 1e-3 {
			t.Fatalf("length %g", length(between))
		}
	})
}

// Layers of one code before those of another, and all that they draw.
func TestMix(t *testing.T) {
	_, s, _ := steered(t, styled{}, false)
	b := codesOf(t, s, 3, 9)
	for layer := range 5 {
		mixed := s.Mix(b, []int{0}, []int{1}, layer)
		c, from := mixed.Column(Code).Row(0), b.Column(Code)
		if want := slices.Concat(from.Row(0)[:3*layer], from.Row(1)[3*layer:]); !slices.Equal(c, want) {
			t.Errorf("from layer %d: %v, want %v", layer, c, want)
		}
	}
}

// Samples of psi 0 are all the same but for their noise, those of psi 1 as they were.
func TestTruncatedSampler(t *testing.T) {
	_, s, _ := steered(t, nil, false)
	all := map[float64][]string{}
	for _, psi := range []float64{0, 1} {
		for b, err := range s.Sampler(psi)(t.Context(), []uint64{1, 2}, nil) {
			if err != nil {
				t.Fatal(err)
			}
			all[psi] = append(all[psi], fmt.Sprint(b.Column(data.Target).Floats))
		}
	}
	if all[0][0] != all[0][1] || all[1][0] == all[1][1] {
		t.Error("psi does not truncate")
	}
}
