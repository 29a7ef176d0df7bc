package run

import (
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/family"
)

// needed names what a model's samples are drawn by, beside a class: pictures of other
// fields of the set.
func needed(m family.Model) []string {
	if c, ok := m.(family.Conditioned); ok {
		return c.Needs()
	}
	return nil
}

// usesAll refuses a set whose examples have pictures that the model would not look at.
func usesAll(m family.Model, use string, spec data.Spec) error {
	for _, name := range spec.Beside() {
		if !slices.Contains(needed(m), name) {
			return badinput.Errorf("the model %s learns targets alone, and the examples of the set have a %s as well; the model flow learns to make one of the other, or read the targets alone with data={use=\"folder\", path=...}", use, name)
		}
	}
	return nil
}

// conditionsOf takes from examples what n samples are drawn by, beginning again after the
// last; nil if the model is told nothing but a class.
func conditionsOf(m family.Model, examples *data.Batch, n int) *data.Batch {
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
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i % examples.N
	}
	return data.DatasetOf(told).Batch(rows)
}

// Needs names the Items that samples of the run are drawn by, none for most runs.
func (r *Run) Needs() []string { return needed(r.model) }

// Given encodes the Items that samples are drawn by, for n samples of so many pixels a
// side; 0 is the size that the run learned from. Other sizes are for networks that can,
// of which the sampler tells.
func (r *Run) Given(items data.Example, size, n int) (*data.Batch, error) {
	names := r.Needs()
	codec := r.Config.Codec.Value
	if size > 0 {
		sized, ok := codec.(interface {
			At(size int) (data.Codec, error)
		})
		if !ok {
			return nil, badinput.Errorf("run %s makes works of one size", r.Dir.Name())
		}
		var err error
		if codec, err = sized.At(size); err != nil {
			return nil, badinput.Mark(err)
		}
	}
	companions, ok := codec.(data.CompanionCodec)
	if len(names) > 0 && !ok {
		return nil, fmt.Errorf("run %s: its codec encodes nothing beside targets", r.Dir.Name())
	}
	one := &data.Batch{N: 1}
	for _, name := range names {
		it, given := items[name]
		if !given {
			return nil, badinput.Errorf("run %s draws by a %s, and none is given", r.Dir.Name(), name)
		}
		own, err := companions.Companion(name)
		if err != nil {
			return nil, err
		}
		spec, err := own.Spec(nil)
		if err != nil {
			return nil, badinput.Mark(err)
		}
		b := data.NewBatch(spec.Only(data.Target), 1)
		if err := own.Encode(data.ExampleOf(it), b, 0); err != nil {
			return nil, badinput.Errorf("the %s: %w", name, err)
		}
		b.Columns[0].Field.Name = name
		one.Set(b.Columns[0])
	}
	return conditionsOf(r.model, one, n), nil
}
