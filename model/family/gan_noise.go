package family

import (
	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/train"
)

// Columns added to the batch by a phase.
const (
	latentColumn = "latent"
	mixColumn    = "mix"
	realAugment  = "augment real"
	fakeAugment  = "augment fake"
)

// Keys of the random numbers of each phase.
const (
	phaseD = iota + 1
	phasePenalty
	phaseG
)

// prepare adds the random numbers of an update. They depend only on the run's seed, the
// step, the phase, the update, and the current strength of augmentations.
func (m *gan) prepare(phase uint64) func(train.Turn) error {
	return func(t train.Turn) error {
		z := data.NewColumn(m.latentField(), t.Batch.N)
		noise.Normals(z.Floats, t.Seed, latentNoise, phase, uint64(t.Step), uint64(t.Index))
		t.Batch.Set(z)
		if len(m.Penalty) > 0 && (phase == phasePenalty || phase == phaseD && !m.lazyD()) {
			mix := data.NewColumn(data.Field{Name: mixColumn, Kind: data.Vector, High: 1}, t.Batch.N)
			noise.Uniforms(mix.Floats, t.Seed, mixNoise, uint64(t.Step), uint64(t.Index))
			t.Batch.Set(mix)
		}
		if m.text {
			tellLine(t.Batch, m.spec, noise.Stream(t.Seed, captionNoise, phase, uint64(t.Step), uint64(t.Index)), 0)
		}
		m.prepareAugment(phase, t)
		return nil
	}
}
