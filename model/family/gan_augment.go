package family

import (
	"encoding/json"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/train"
)

// signStat is the mean sign of D's logits on real samples: 0 if D cannot tell real from
// fake, 1 if it recognises all.
const signStat = "sign"

// signMemory is the decay of the moving average of signs.
const signMemory = 0.9

// strength is the probability of each augmentation. If adaptive (ADA), it rises while D is
// overconfident on real samples, and falls otherwise (Karras et al. 2020,
// arXiv:2006.06676).
type strength struct {
	Share float64 `json:"share"`
	Sign  float64 `json:"sign"` // running mean over the last steps

	first float64
}

func newStrength(f *GAN) *strength {
	s := &strength{first: f.AugmentShare}
	if f.AugmentTarget > 0 {
		s.first = 0
	}
	s.Share = s.first
	return s
}

// Save implements [train.Memory].
func (s *strength) Save() ([]byte, error) { return json.Marshal(s) }

// Load implements [train.Memory]; nil is the initial state.
func (s *strength) Load(saved []byte) error {
	*s = strength{first: s.first, Share: s.first}
	if saved == nil {
		return nil
	}
	return json.Unmarshal(saved, s)
}

// adapt updates the probability after an update of D.
func (m *gan) adapt(t train.Turn, stats train.Stats) error {
	if len(m.Augment) == 0 || m.AugmentTarget == 0 {
		return nil
	}
	s := m.strength
	s.Sign = signMemory*s.Sign + (1-signMemory)*stats["D/"+signStat]
	step := float64(t.Batch.N) / float64(m.AugmentSpan)
	s.Share = min(max(s.Share+math.Copysign(step, s.Sign-m.AugmentTarget), 0), 1)
	stats["D/augmented"] = s.Share
	return nil
}

// prepareAugment adds the random numbers of the augmentations of real samples and fakes.
func (m *gan) prepareAugment(phase uint64, t train.Turn) {
	if len(m.Augment) == 0 {
		return
	}
	for which, name := range []string{realAugment, fakeAugment} {
		c := data.NewColumn(data.Field{Name: name, Kind: data.Vector, Shape: []int{m.augmentNumbers()}, High: 1}, t.Batch.N)
		noise.Uniforms(c.Floats, t.Seed, augmentNoise, phase, uint64(t.Step), uint64(t.Index), uint64(which))
		for i := range t.Batch.N {
			m.decide(c.Row(i))
		}
		t.Batch.Set(c)
	}
}

// augmentNumbers is the number of random numbers per sample: for each augmentation, one
// that decides whether it applies, and its own.
func (m *gan) augmentNumbers() int {
	n := 0
	for _, a := range m.Augment {
		n += 1 + a.Value.Numbers()
	}
	return n
}

// decide turns the first number of each augmentation into 1 (applied) or 0.
func (m *gan) decide(numbers []float32) {
	at := 0
	for _, a := range m.Augment {
		use := float32(0)
		if float64(numbers[at]) < m.strength.Share {
			use = 1
		}
		numbers[at] = use
		at += 1 + a.Value.Numbers()
	}
}

// augmented are samples x [batch, height, width, channels] as D sees them, by the
// numbers in the column of that name.
func (m *gan) augmented(in *train.Inputs, x *graph.Node, column string) *graph.Node {
	at := 0
	for _, a := range m.Augment {
		all, n := in.Column(column), a.Value.Numbers()
		use := graph.Squeeze(graph.Slice(all, graph.AxisRange(), graph.AxisElem(at)), 1) // [batch]
		u := graph.Slice(all, graph.AxisRange(), graph.AxisRange(at+1, at+1+n))          // [batch, numbers]
		x = a.Value.Apply(x, u, use)
		at += 1 + n
	}
	return x
}
