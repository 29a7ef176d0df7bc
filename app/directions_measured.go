package app

import (
	"context"
	"math"

	"atelier/data"
	"atelier/model/family"
	"atelier/model/run"
	"atelier/model/traits"
)

// A measuring measures changes of traits on the samples of some seeds.
type measuring struct {
	*mover
	traits []traits.Trait
	seeds  []uint64
	spread []float64 // of each trait among unmoved samples
}

func (m *mover) measuring(ctx context.Context, seeds []uint64) (*measuring, error) {
	s := &measuring{mover: m, traits: traits.For(m.target), seeds: seeds}
	plain, err := m.draw(ctx, seeds, nil, 0)
	if err != nil {
		return nil, err
	}
	values := traits.Measured(s.traits, plain, len(seeds))
	for t := range s.traits {
		sum, square := 0., 0.
		for _, of := range values {
			sum, square = sum+of[t], square+of[t]*of[t]
		}
		n := float64(len(values))
		s.spread = append(s.spread, math.Sqrt(max(0, square/n-sum/n*sum/n)))
	}
	return s, nil
}

// changes are the mean changes of each trait from one end of a direction to the other, in standard
// deviations; 0 for a trait that does not vary.
func (s *measuring) changes(ctx context.Context, direction []float32, length float64) ([]float64, error) {
	out := make([]float64, len(s.traits))
	for _, sign := range []float64{-1, 1} {
		moved, err := s.draw(ctx, s.seeds, direction, sign*length)
		if err != nil {
			return nil, err
		}
		for _, of := range traits.Measured(s.traits, moved, len(s.seeds)) {
			for t, v := range of {
				if s.spread[t] > 1e-6 {
					out[t] += sign * v / s.spread[t] / float64(len(s.seeds))
				}
			}
		}
	}
	return out, nil
}

// measure finds what each direction changes.
func (a Directions) measure(ctx context.Context, env *Env, m *mover) (*FoundDirections, error) {
	if m.target.Kind != data.Pixels {
		return nil, m.run.CheckPictures()
	}
	n := min(a.N, len(m.vectors.Vectors))
	choosing, err := m.measuring(ctx, run.Seeds(a.Seed, a.Measured))
	if err != nil {
		return nil, err
	}
	measuring, err := m.measuring(ctx, run.Seeds(a.Seed+uint64(a.Measured), a.Measured))
	if err != nil {
		return nil, err
	}
	found := &FoundDirections{Run: m.run.Dir.Name(), Length: a.Length}
	var random [][]float64
	for i, v := range family.RandomDirections(randomDirections, len(m.vectors.Vectors[0]), a.Seed) {
		chosen, err := choosing.changes(ctx, v, a.Length)
		if err != nil {
			return nil, err
		}
		changes, err := measuring.changes(ctx, v, a.Length)
		if err != nil {
			return nil, err
		}
		random = append(random, changes)
		found.Random += math.Abs(changes[largest(chosen)]) / randomDirections
		env.progress(i+1, randomDirections+n)
	}
	for i, v := range m.vectors.Vectors[:n] {
		chosen, err := choosing.changes(ctx, v, a.Length)
		if err != nil {
			return nil, err
		}
		t := largest(chosen)
		changes, err := measuring.changes(ctx, v, a.Length)
		if err != nil {
			return nil, err
		}
		d := FoundDirection{Number: i + 1, Strength: m.vectors.Strength[i], Property: measuring.traits[t].Name, Change: changes[t], Changes: map[string]float64{}}
		for k, x := range changes {
			d.Changes[measuring.traits[k].Name] = x
		}
		for _, of := range random {
			d.Random += math.Abs(of[t]) / randomDirections
			d.RandomMost = max(d.RandomMost, math.Abs(of[t]))
		}
		d.Ratio = math.Abs(d.Change) / max(d.Random, 1e-9)
		found.Best = max(found.Best, d.Ratio)
		found.Directions = append(found.Directions, d)
		env.progress(randomDirections+i+1, randomDirections+n)
	}
	return found, nil
}

// largest is the index of the largest absolute value.
func largest(x []float64) (at int) {
	for i, v := range x {
		if math.Abs(v) > math.Abs(x[at]) {
			at = i
		}
	}
	return at
}
