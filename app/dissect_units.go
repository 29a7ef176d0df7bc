package app

import (
	"cmp"
	"context"
	"math"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/run"
	"atelier/model/traits"
)

// A dissection finds units.
type dissection struct {
	Dissect
	run      *run.Run
	target   data.Field
	units    *family.Units
	steering *family.Steering
	layer    int // from 0
	size     family.UnitLayer
	space    feature.Embedder
	names    []string // of the classes that are told, all of the set
	of       []string // classes or properties that units are found of
	traits   []traits.Trait
	spread   []float64 // of each trait
}

// dissection prepares the units of a layer and what tells classes.
func (a Dissect) dissection(ctx context.Context, r *run.Run) (*dissection, error) {
	d := &dissection{Dissect: a, run: r, target: r.Spec.Target()}
	var err error
	if d.units, err = r.Units(); err != nil {
		return nil, err
	}
	if d.steering, err = r.Steering(); err != nil {
		return nil, err
	}
	if a.Layer > len(d.units.Layers) {
		return nil, badinput.Mark(unfitLayer(r, len(d.units.Layers), a.Layer))
	}
	d.layer = cmp.Or(a.Layer, len(d.units.Layers)) - 1
	d.size = d.units.Layers[d.layer]
	if a.Units*2 > d.size.Units {
		return nil, badinput.Errorf("units: layer %d has %d units; want at most half of them, got %d", d.layer+1, d.size.Units, a.Units)
	}
	if d.space, err = r.Space(); err != nil {
		return nil, err
	}
	return d, d.whatFor(ctx)
}

// whatFor decides whether units are found of classes or of properties.
func (d *dissection) whatFor(ctx context.Context) error {
	probe, err := d.drawAll(ctx, "", run.Seeds(d.Seed, d.Measured))
	if err != nil {
		return err
	}
	points, err := d.space.Embed(ctx, probe)
	if err != nil {
		return err
	}
	if d.run.Dir.Classes() != nil && points.Probabilities != nil {
		d.names = d.run.Spec.ClassNames()
		if d.of = d.Class; len(d.of) == 0 {
			d.of = d.names
		}
		for _, class := range d.of {
			if _, err := d.run.OfClass(1, class); err != nil {
				return err
			}
		}
		return nil
	}
	if len(d.Class) > 0 {
		_, err := d.run.OfClass(1, d.Class[0])
		return cmp.Or(err, badinput.Errorf("class: there is no classifier of the set of run %s", d.run.Dir.Name()))
	}
	d.traits = traits.For(d.target)
	for i, t := range d.traits {
		d.of = append(d.of, t.Name)
		sum, square := 0., 0.
		for _, values := range traits.Measured(d.traits, probe, d.Measured) {
			sum, square = sum+values[i], square+values[i]*values[i]
		}
		n := float64(d.Measured)
		d.spread = append(d.spread, max(math.Sqrt(max(0, square/n-sum/n*sum/n)), 1e-6))
	}
	return nil
}

// codes are those of seeds, of a class if units are found of classes.
func (d *dissection) codes(ctx context.Context, of string, seeds []uint64) (*data.Batch, error) {
	if d.names == nil {
		of = ""
	}
	conditions, err := d.run.OfClass(len(seeds), of)
	if err != nil {
		return nil, err
	}
	return d.steering.Codes(ctx, seeds, conditions)
}

// drawAll are the samples of seeds.
func (d *dissection) drawAll(ctx context.Context, of string, seeds []uint64) (*data.Column, error) {
	codes, err := d.codes(ctx, of, seeds)
	if err != nil {
		return nil, err
	}
	return d.without(ctx, codes, nil)
}

// without are samples of codes with some units switched off.
func (d *dissection) without(ctx context.Context, codes *data.Batch, off []int) (*data.Column, error) {
	factors := make([]float32, codes.N*d.size.Units)
	for i := range factors {
		if factors[i] = 1; slices.Contains(off, i%d.size.Units) {
			factors[i] = 0
		}
	}
	b, err := d.units.Scaled(ctx, codes, d.layer, factors)
	if err != nil {
		return nil, err
	}
	return b.Column(data.Target), nil
}

// measure is how much there is of a class or a property in samples: the share that is told to be of
// the class and the mean probability of it, or the mean of the property, twice.
func (d *dissection) measure(ctx context.Context, of string, samples *data.Column) (share, mean float64, err error) {
	n := len(samples.Floats) / d.target.Size()
	if d.names == nil {
		t := slices.Index(d.of, of)
		for i := range n {
			mean += d.traits[t].Measure(traits.Of(d.target, samples.Row(i))) / d.spread[t] / float64(n)
		}
		return mean, mean, nil
	}
	points, err := d.space.Embed(ctx, samples)
	if err != nil {
		return 0, 0, err
	}
	class, classes := slices.Index(d.names, of), len(d.names)
	for i := range n {
		row := points.Probabilities[i*classes : (i+1)*classes]
		mean += row[class] / float64(n)
		if class == slices.Index(row, slices.Max(row)) {
			share += 1 / float64(n)
		}
	}
	return share, mean, nil
}

// find finds the units of everything that is asked for.
func (d *dissection) find(ctx context.Context, env *Env) (*FoundUnits, error) {
	f := &FoundUnits{Run: d.run.Dir.Name(), Layer: d.layer + 1, Layers: len(d.units.Layers), Units: d.size.Units, Height: d.size.Height, Width: d.size.Width}
	f.By = "properties, as there is no classifier of its set, or it is not class-conditional"
	if d.names != nil {
		f.By = "classes told by " + d.space.Name()
	}
	var err error
	if f.Seen, err = d.see(ctx); err != nil {
		return nil, err
	}
	changed, random := 0., 0.
	for i, of := range d.of {
		u, err := d.unitsOf(ctx, of)
		if err != nil {
			return nil, err
		}
		changed, random = changed+math.Abs(u.After-u.Before), random+u.Random
		f.Found = append(f.Found, u)
		env.progress(i+1, len(d.of))
	}
	f.Ratio = changed / max(random, 1e-9)
	return f, nil
}

// unitsOf chooses the units without which there is least of a class, or a property changes most, and
// measures them together on other samples, beside random ones.
func (d *dissection) unitsOf(ctx context.Context, of string) (u FoundUnit, err error) {
	choosing, err := d.codes(ctx, of, run.Seeds(d.Seed, d.Measured))
	if err != nil {
		return u, err
	}
	effect := make([]float64, d.size.Units)
	plain, err := d.without(ctx, choosing, nil)
	if err != nil {
		return u, err
	}
	_, before, err := d.measure(ctx, of, plain)
	if err != nil {
		return u, err
	}
	for unit := range effect {
		samples, err := d.without(ctx, choosing, []int{unit})
		if err != nil {
			return u, err
		}
		_, after, err := d.measure(ctx, of, samples)
		if err != nil {
			return u, err
		}
		if effect[unit] = before - after; d.names == nil {
			effect[unit] = math.Abs(effect[unit])
		}
	}
	order := make([]int, len(effect))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(effect[b], effect[a]) })
	u = FoundUnit{Of: of, Units: slices.Clone(order[:d.Units])}
	return u, d.compare(ctx, &u)
}

// compare measures chosen units on samples that did not choose them, beside random ones.
func (d *dissection) compare(ctx context.Context, u *FoundUnit) error {
	codes, err := d.codes(ctx, u.Of, run.Seeds(d.Seed+uint64(d.Measured), d.Measured))
	if err != nil {
		return err
	}
	share := func(off []int) (float64, error) {
		samples, err := d.without(ctx, codes, off)
		if err != nil {
			return 0, err
		}
		share, _, err := d.measure(ctx, u.Of, samples)
		return share, err
	}
	if u.Before, err = share(nil); err != nil {
		return err
	}
	if u.After, err = share(u.Units); err != nil {
		return err
	}
	for i := range randomSets {
		off := noise.Stream(d.Seed, uint64(i), unitNoise).Perm(d.size.Units)[:d.Units]
		after, err := share(off)
		if err != nil {
			return err
		}
		u.Random += math.Abs(after-u.Before) / randomSets
	}
	u.Ratio = math.Abs(u.After-u.Before) / max(u.Random, 1/float64(d.Measured*randomSets))
	return nil
}

// unitNoise is the key of the choice of random units.
const unitNoise = 0x756e697473 // "units"

// others are as many units that are not among the given ones.
func (d *dissection) others(units []int) (off []int) {
	for _, u := range noise.Stream(d.Seed, 0, unitNoise).Perm(d.size.Units) {
		if len(off) < len(units) && !slices.Contains(units, u) {
			off = append(off, u)
		}
	}
	return off
}
