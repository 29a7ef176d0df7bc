package run

import (
	"fmt"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/model/family"
)

// needed names the conditions of a model other than the class: pictures of other fields of
// the set.
func needed(m family.Model) []string {
	if c, ok := m.(family.Conditioned); ok {
		return c.Needs()
	}
	return nil
}

// usesAll refuses a set whose examples have pictures that the model would ignore.
func usesAll(m family.Model, use string, spec data.Spec) error {
	for _, name := range spec.Beside() {
		if !slices.Contains(needed(m), name) {
			return badinput.Errorf("the model %s learns only targets, but the examples of the set also have a %s; use the model flow, which learns to translate one into the other, or read only the targets with data={use=\"folder\", path=...}", use, name)
		}
	}
	return nil
}

// conditionsOf takes the conditions of n samples from examples, cycling through them; nil
// if the model has no condition but a class.
func conditionsOf(m family.Model, examples *data.Batch, n int) *data.Batch {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i % examples.N
	}
	return conditionsAt(m, examples, rows)
}

// conditionsAt takes the conditions of samples from examples at these rows; nil if the model has no
// condition but a class.
func conditionsAt(m family.Model, examples *data.Batch, rows []int) *data.Batch {
	names := needed(m)
	if len(names) == 0 {
		return nil
	}
	told := &data.Batch{N: examples.N}
	for _, name := range append([]string{data.Label}, names...) {
		if c := examples.Column(name); c != nil {
			told.Set(*c)
		}
	}
	return data.DatasetOf(told).Batch(rows)
}

// Needs names the Items that the run needs as conditions, none for most runs.
func (r *Run) Needs() []string { return needed(r.model) }

// Given encodes the Items that condition n samples, of this size in pixels per side; 0 is
// the training size. Whether the network supports other sizes is up to the sampler.
func (r *Run) Given(items data.Example, size, n int) (*data.Batch, error) {
	names := r.Needs()
	taken := r.Config.Codec.Value
	if size > 0 {
		sized, ok := taken.(interface {
			At(size int) (data.Codec, error)
		})
		if !ok {
			return nil, badinput.Errorf("run %s generates works of one size only", r.Dir.Name())
		}
		var err error
		if taken, err = sized.At(size); err != nil {
			return nil, badinput.Mark(err)
		}
	}
	companions, ok := taken.(data.CompanionCodec)
	if len(names) > 0 && !ok {
		return nil, fmt.Errorf("run %s: its codec encodes only targets", r.Dir.Name())
	}
	for _, name := range names {
		if _, given := items[name]; !given {
			return nil, badinput.Errorf("run %s needs a %s, but none is given", r.Dir.Name(), name)
		}
	}
	one, err := data.Companions(companions, names, items)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	return conditionsOf(r.model, one, n), nil
}

// Continuing is the model if it predicts how clips go on, with the codec by which it takes them.
func (r *Run) Continuing() (family.Continuing, *codec.Clip, error) {
	m, predicts := r.model.(family.Continuing)
	c, takes := r.Config.Codec.Value.(*codec.Clip)
	if !predicts || !takes {
		return nil, nil, badinput.Errorf("run %s is a %s, which does not predict how clips go on; want a run of the model predict, such as one of the recipe moving", r.Dir.Name(), r.Config.Model.Use)
	}
	return m, c, nil
}
