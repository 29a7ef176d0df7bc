package family

import (
	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/train"
)

// Columns that a phase adds to the batch.
const (
	latentColumn    = "latent"
	noiseColumn     = "noise"
	mixColumn       = "mix"
	directionColumn = "direction"
	realAugment     = "augment real"
	fakeAugment     = "augment fake"
)

// Phases as keys of random numbers.
const (
	phaseD = iota + 1
	phasePenalty
	phaseG
	phaseGPenalty
)

// prepare adds the random numbers of an update. They depend on the run's seed, the
// step, the phase and the update alone, and on how strong augmentations are by then.
func (m *gan) prepare(phase uint64) func(train.Turn) error {
	return func(t train.Turn) error {
		if err := m.packable(t.Batch.N); err != nil {
			return err
		}
		z := data.NewColumn(m.latentField(), t.Batch.N)
		noise.Normals(z.Floats, t.Seed, latentNoise, phase, uint64(t.Step), uint64(t.Index))
		t.Batch.Set(z)
		if len(m.Penalty) > 0 && (phase == phasePenalty || phase == phaseD && !m.lazyD()) {
			mix := data.NewColumn(data.Field{Name: mixColumn, Kind: data.Vector, High: 1}, t.Batch.N)
			noise.Uniforms(mix.Floats, t.Seed, mixNoise, uint64(t.Step), uint64(t.Index))
			t.Batch.Set(mix)
			m.prepareDirection(phase, t)
		}
		if phase == phaseGPenalty {
			m.prepareDirection(phase, t)
		} else {
			m.prepareAugment(phase, t)
		}
		return nil
	}
}

// prepareDirection adds noise of the shape of the samples.
func (m *gan) prepareDirection(phase uint64, t train.Turn) {
	y := data.NewColumn(data.Field{Name: directionColumn, Kind: data.Vector, Shape: m.spec.Target().Shape}, t.Batch.N)
	noise.Normals(y.Floats, t.Seed, directionNoise, phase, uint64(t.Step), uint64(t.Index))
	t.Batch.Set(y)
}
