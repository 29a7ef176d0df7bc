package app

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("mix", "mix styles of a trained run: a sheet of samples with the coarse layers of some seeds and the fine layers of others",
		func() App {
			return &Mix{Coarse: []uint64{1, 2, 3, 4}, Fine: []uint64{5, 6, 7, 8}, Truncation: 1}
		})
}

// Mix draws from codes whose first layers come from one seed and whose last layers from
// another (Karras et al. 2018, arXiv:1812.04948, section 3.1).
type Mix struct {
	From       Model    `toml:"run" arg:"RUN" needs:"mixes" help:"the run: its name, number or path; its generator must have a code per layer, such as style"`
	Coarse     []uint64 `min:"1" help:"seeds of the coarse layers, one per row"`
	Fine       []uint64 `min:"1" help:"seeds of the fine layers, one per column"`
	Layer      int      `toml:"from" min:"1" help:"first of the fine layers, counted from 1; 0 is the middle"`
	Class      string   `names:"classes" help:"class to generate, for a class-conditional run"`
	Truncation float64  `min:"0" max:"1" help:"truncation psi, 0 to 1: below 1, samples are more typical and less varied"`
	Format     string   `enum:"png,jpeg,webp" help:"png, jpeg or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Mix) Example() string { return "0001-faces --coarse 1,2,3 --fine 7,8,9 -o mix.png" }

// Check implements [Checker].
func (a Mix) Check(out Out) error {
	if (len(a.Coarse)+1)*(len(a.Fine)+1) > mostSheet {
		return registry.Unfit("coarse", fmt.Sprintf("%d times %d samples are too many for a sheet; the limit is %d", len(a.Coarse), len(a.Fine), mostSheet))
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// fits refuses a sheet that exceeds the limits of its format or the memory of the machine.
func (a *Mix) fits(target data.Field) error {
	switch columns, rows := sheetRoom(target, a.Format); {
	case len(a.Fine) >= columns:
		return unfitSheet("fine", a.Format, columns-1, len(a.Fine))
	case len(a.Coarse) >= rows:
		return unfitSheet("coarse", a.Format, rows-1, len(a.Coarse))
	}
	return roomFor("coarse and fine", (len(a.Coarse)+1)*(len(a.Fine)+1), target, 1)
}

// Run implements [App].
func (a Mix) Run(ctx context.Context, env *Env) error {
	var err error
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	seeds := append(append([]uint64{}, a.Coarse...), a.Fine...)
	s, codes, err := steer(ctx, r, seeds, a.Class, a.Truncation)
	switch {
	case err != nil:
		return err
	case s.Layers < 2:
		return badinput.Errorf("the codes of run %s have a single layer; mixing needs a generator with several, such as style", r.Dir.Name())
	case a.Layer > s.Layers:
		return badinput.Mark(registry.Unfit("from", fmt.Sprintf("the codes of run %s have %d layers, got %d", r.Dir.Name(), s.Layers, a.Layer)))
	case a.Layer == 0:
		a.Layer = s.Layers/2 + 1
	}
	name := fmt.Sprintf("%s-%d-%d-mix", r.Dir.Name(), a.Coarse[0], a.Fine[0])
	if err := a.fits(r.Spec.Target()); err != nil {
		return err
	}
	if err := env.expect(name + extensions[a.Format][0]); err != nil {
		return err
	}
	// The grid row by row: an empty corner and the fine samples, then each coarse sample
	// followed by its mixtures.
	var coarse, fine []int
	for j := range a.Fine {
		coarse, fine = append(coarse, len(a.Coarse)+j), append(fine, len(a.Coarse)+j)
	}
	for i := range a.Coarse {
		coarse, fine = append(coarse, i), append(fine, i)
		for j := range a.Fine {
			coarse, fine = append(coarse, i), append(fine, len(a.Coarse)+j)
		}
	}
	all := &data.Column{Field: r.Spec.Target()}
	for range all.Field.Size() {
		all.Floats = append(all.Floats, all.Field.High) // the corner is white
	}
	done := 0
	for sample, err := range s.Samples(ctx, s.Mix(codes, coarse, fine, a.Layer-1)) {
		if err != nil {
			return err
		}
		all.Floats = append(all.Floats, sample.Column(data.Target).Floats...)
		done++
		env.progress(done, len(coarse))
	}
	return env.emitSheet(a, r, all, sheetOf{name: name, perRow: len(a.Fine) + 1, format: a.Format, label: a.Class, seeds: seeds})
}
