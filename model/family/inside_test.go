package family

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
)

// The directions of a matrix whose eigenvectors are known are these, the strongest first, and the
// length of a column does not count.
func TestDirectionsOfKnownWeights(t *testing.T) {
	sum := mat.NewSymDense(3, nil)
	addOuter(sum, []float32{
		0, 0, 0, 5,
		3, 9, 0, 0,
		0, 0, 0.1, 0,
	}, 4) // columns along y, y, z and x
	sum.SetSym(0, 0, sum.At(0, 0)+0.5)
	d, err := eigen(sum)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float32{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}
	for i, v := range d.Vectors {
		for k := range v {
			if math.Abs(float64(v[k]-want[i][k])) > 1e-6 {
				t.Fatalf("directions %v, want %v", d.Vectors, want)
			}
		}
	}
	for i, want := range []float64{2 / 4.5, 1.5 / 4.5, 1 / 4.5} {
		if math.Abs(d.Strength[i]-want) > 1e-9 {
			t.Errorf("strengths %v", d.Strength)
		}
	}
}

// generators are all that can be looked into, for small pictures.
func generators(t *testing.T) map[string]arch.GeneratorArch {
	t.Helper()
	out := map[string]arch.GeneratorArch{}
	for e := range arch.Generators.All() {
		if e.Name == "clip" {
			continue // which draws no pictures
		}
		settings := []string{"width=2"}
		if e.Name == "mlp" {
			settings = []string{"widths=[4, 5]"}
		}
		out[e.Name] = made[arch.GeneratorArch](e.Name, settings...).Value
	}
	return out
}

// Every generator has directions, orthogonal unit vectors of the width of its codes, and units: with
// all of them as they are, samples are the same bit for bit, and without some they are others.
func TestEveryGeneratorInside(t *testing.T) {
	pictures := data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{32, 32, 1}, Low: -1, High: 1}}}
	for name, g := range generators(t) {
		f := smallGAN()
		f.Latent = 4
		f.Generator.Value = g
		m, store := trained(t, f, pictures, 1)
		d, err := m.(Factored).Directions(store)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, err := m.(Steerable).Steering(backend(t), store)
		if err != nil {
			t.Fatal(err)
		}
		codes := codesOf(t, s, 1, 2, 3)
		for i, a := range d.Vectors {
			for j, b := range d.Vectors {
				dot, want := 0., 0.
				for k := range a {
					dot += float64(a[k]) * float64(b[k])
				}
				if i == j {
					want = 1
				}
				if math.Abs(dot-want) > 1e-5 || len(a)*s.Layers != codes.Column(Code).Field.Size() {
					t.Fatalf("%s: directions %d and %d: %g", name, i, j, dot)
				}
			}
		}
		u, err := m.(Dissectable).Units(backend(t), store)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var plain []float32
		for b, err := range s.Samples(t.Context(), codes) {
			if err != nil {
				t.Fatal(err)
			}
			plain = append(plain, b.Column(data.Target).Floats...)
		}
		changed := false
		for layer, l := range u.Layers {
			activations, samples, err := u.Activations(t.Context(), codes, layer)
			if err != nil || len(activations) != codes.N*l.Height*l.Width*l.Units || !slices.Equal(samples.Column(data.Target).Floats, plain) {
				t.Fatalf("%s: layer %d %+v: %d activations, %v", name, layer, l, len(activations), err)
			}
			factors := slices.Repeat([]float32{1}, codes.N*l.Units)
			same, err := u.Scaled(t.Context(), codes, layer, factors)
			if err != nil || !slices.Equal(same.Column(data.Target).Floats, plain) {
				t.Errorf("%s: layer %d: other samples with all units (%v)", name, layer, err)
			}
			clear(factors)
			none, err := u.Scaled(t.Context(), codes, layer, factors)
			if err != nil {
				t.Fatal(err)
			}
			changed = changed || !slices.Equal(none.Column(data.Target).Floats, plain)
		}
		if len(u.Layers) == 0 || !changed {
			t.Errorf("%s: %d layers; nothing changes without units", name, len(u.Layers))
		}
	}
}

// The gradient of the discriminator is that of finite differences, and shuffled weights have
// another.
func TestSaliencyIsTheGradient(t *testing.T) {
	m, store := trained(t, small(registry.Choose[Family]("gan").Value), unlabelled, 2)
	look, err := m.(Salient).Saliency(backend(t), store, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(unlabelled, 2)
	for i := range b.Columns[0].Floats {
		b.Columns[0].Floats[i] = float32(i%5)/5 - 0.4
	}
	gradients, logits, err := look(t.Context(), b)
	if err != nil || len(gradients) != len(b.Columns[0].Floats) || len(logits) != 2 {
		t.Fatalf("%d gradients, %d logits, %v", len(gradients), len(logits), err)
	}
	const step = 1e-2
	for k := range gradients {
		was := b.Columns[0].Floats[k]
		at := func(x float32) float64 {
			b.Columns[0].Floats[k] = x
			_, logits, err := look(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			return logits[k/(len(gradients)/2)]
		}
		want := (at(was+step) - at(was-step)) / (2 * step)
		b.Columns[0].Floats[k] = was
		if math.Abs(float64(gradients[k])-want) > 0.02*(math.Abs(want)+0.05) {
			t.Errorf("value %d: gradient %g, by finite differences %g", k, gradients[k], want)
		}
	}
	shuffled, err := m.(Salient).Saliency(backend(t), store, 1)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := shuffled(t.Context(), b)
	again, _, err2 := look(t.Context(), b)
	if err != nil || err2 != nil || slices.Equal(other, gradients) || !slices.Equal(again, gradients) {
		t.Errorf("shuffled weights change nothing, or those of the run (%v, %v)", err, err2)
	}
}
