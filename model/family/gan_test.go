package family

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/augment"
	"atelier/model/train"
)

func smallGAN() *GAN { return small(registry.Choose[Family]("gan").Value).(*GAN) }

// TestPack puts two samples of two pixels, of two channels each, side by side.
func TestPack(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float32{
		1, 2, 3, 4, 5, 6, 7, 8,
		11, 12, 13, 14, 15, 16, 17, 18,
	}, 4, 1, 2, 2)
	out, err := graph.CallOnce(backend(t), func(x *graph.Node) *graph.Node { return pack(x, 2) }, x)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 2, 5, 6, 3, 4, 7, 8, 11, 12, 15, 16, 13, 14, 17, 18}
	if got := tensors.MustCopyFlatData[float32](out); !slices.Equal(got, want) || !slices.Equal(out.Shape().Dimensions, []int{2, 1, 2, 4}) {
		t.Errorf("%v %v, want %v", out.Shape(), got, want)
	}
}

// TestPacked trains by packs, which judge no single sample, and refuses a batch that
// does not divide and classes.
func TestPacked(t *testing.T) {
	gan := smallGAN()
	gan.Pack = 3
	m, _ := trained(t, gan, unlabelled, 2)
	if _, ok := m.(Judging); ok {
		t.Error("it judges single samples")
	}
	gan.Pack = 4
	m, err := gan.Model(unlabelled)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Stages()[0].Phases {
		if p.Pack != 4 {
			t.Errorf("phase %s takes packs of %d, want 4", p.Name, p.Pack)
		}
	}
	gan.Conditional = true
	if err := gan.Check(); err == nil {
		t.Error("packs of classes are accepted")
	}
}

// TestAdaptiveShare moves towards the target, stays within 0 and 1, and goes on from
// where it was saved.
func TestAdaptiveShare(t *testing.T) {
	f := smallGAN()
	f.Augment = []registry.Choice[augment.Augmentation]{registry.Choose[augment.Augmentation]("translation")}
	f.AugmentTarget, f.AugmentSpan = 0.5, 60
	m := &gan{GAN: f, strength: newStrength(f)}
	turn := train.Turn{Batch: data.NewBatch(unlabelled, 6)}
	feel := func(sign float64, times int) float64 {
		stats := train.Stats{"D/sign": sign}
		for range times {
			if err := m.adapt(turn, stats); err != nil {
				t.Fatal(err)
			}
		}
		return stats["D/augmented"]
	}
	if share := feel(-1, 3); share != 0 {
		t.Errorf("D is not sure, and the share is %v", share)
	}
	up := feel(1, 12)
	if up <= 0.1 || up >= 1 {
		t.Errorf("D is sure, and the share is %v", up)
	}
	saved, err := m.strength.Save()
	if err != nil {
		t.Fatal(err)
	}
	later := feel(1, 2)
	if err := m.strength.Load(saved); err != nil {
		t.Fatal(err)
	}
	if again := feel(1, 2); again != later {
		t.Errorf("resumed: %v, before %v", again, later)
	}
	if share := feel(1, 100); share != 1 {
		t.Errorf("D stays sure, and the share is %v", share)
	}
	if down := feel(0, 30); down >= 1 {
		t.Errorf("D is no longer sure, and the share is %v", down)
	}
	if err := m.strength.Load(nil); err != nil || m.strength.Share != 0 {
		t.Errorf("at the beginning the share is %v (%v)", m.strength.Share, err)
	}
	if again, _ := m.strength.Save(); bytes.Equal(again, saved) {
		t.Error("the beginning is what was saved")
	}
}

// TestTruncation draws by codes what the sampler draws, and nothing but the centre where
// codes are pulled all the way to it.
func TestTruncation(t *testing.T) {
	for _, name := range []string{"mlp", "style"} {
		t.Run(name, func(t *testing.T) {
			gan := smallGAN()
			gan.Conditional = true
			if name == "style" {
				gan.Generator = registry.Choose[arch.GeneratorArch]("style")
				gan.Generator.Value.(*arch.StyleGenerator).Width = 4
			}
			m, store := trained(t, gan, labelled, 2)
			s, err := m.(Steerable).Steering(backend(t), store)
			if err != nil {
				t.Fatal(err)
			}
			seeds := []uint64{3, 9}
			codes, err := s.Codes(t.Context(), seeds, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got, want [][]float32
			for b, err := range s.Samples(t.Context(), codes) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, b.Column(data.Target).Floats)
			}
			for b, err := range s.Sampler(1)(t.Context(), seeds, nil) {
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, b.Column(data.Target).Floats)
			}
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("sample %d differs by codes", i)
				}
			}
			c := codes.Column(Code)
			before := slices.Clone(c.Floats)
			if err := s.Truncate(t.Context(), codes, 1); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(c.Floats, before) {
				t.Error("psi 1 changes codes")
			}
			if err := s.Truncate(t.Context(), codes, 0); err != nil {
				t.Fatal(err)
			}
			for i := range seeds {
				class := 0
				if labels := codes.Column(data.Label); labels != nil {
					class = int(labels.Ints[i])
				}
				centre, err := s.Centre(t.Context(), class)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(c.Row(i), centre) {
					t.Error("psi 0 leaves codes apart from the centre of their class")
				}
			}
		})
	}
}
