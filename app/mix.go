package app

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
)

const mixApp = "mix"

func init() {
	Apps.Add(mixApp, "mix styles of a trained run: a sheet of samples that have the coarse of some seeds and the fine of others",
		func() App {
			return &Mix{Coarse: []uint64{1, 2, 3, 4}, Fine: []uint64{5, 6, 7, 8}, Truncation: 1}
		})
}

// Mix draws from codes whose first layers come from one seed and whose last from
// another (Karras et al. 2018, arXiv:1812.04948, section 3.1).
type Mix struct {
	From       string   `toml:"run" arg:"RUN" help:"the run: its name, number or path; its generator must draw from codes of several layers"`
	Coarse     []uint64 `help:"seeds that give the coarse, a row each"`
	Fine       []uint64 `help:"seeds that give the fine, a column each"`
	Layer      int      `toml:"from" help:"the first layer, counted from 1, that comes from the fine; 0 is the middle"`
	Class      string   `help:"class to draw, of a run that was trained by class"`
	Truncation float64  `help:"how far samples are from the mean of what there is, 0 to 1"`
	Format     string   `help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`

	file string // that it goes to
}

// Example implements [App].
func (a *Mix) Example() string { return "0001-faces --coarse 1,2,3 --fine 7,8,9 -o mix.png" }

func (a *Mix) name() string { return mixApp }

// Gather implements [Gatherer].
func (a *Mix) Gather(file string) { a.file = file }

// Check reports an input that is out of range.
func (a *Mix) Check() error {
	switch {
	case len(a.Coarse) == 0:
		return registry.Unfit("coarse", "want seeds, such as 1,2,3")
	case len(a.Fine) == 0:
		return registry.Unfit("fine", "want seeds, such as 7,8,9")
	case (len(a.Coarse)+1)*(len(a.Fine)+1) > mostSheet:
		return registry.Unfit("coarse", fmt.Sprintf("%d times %d samples are too many for a sheet; it can hold %d", len(a.Coarse), len(a.Fine), mostSheet))
	case a.Layer < 0:
		return registry.Unfit("from", fmt.Sprintf("want a layer, counted from 1, or 0, got %d", a.Layer))
	}
	if err := run.CheckTruncation(a.Truncation); err != nil {
		return err
	}
	_, err := formatFor(a.Format, a.file, stillFormats)
	return err
}

// fits refuses a sheet that is larger than its format, or the memory there is, can hold.
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
func (a *Mix) Run(ctx context.Context, env *Env) error {
	if err := a.Check(); err != nil {
		return badinput.Mark(err)
	}
	var err error
	if a.Format, err = formatFor(a.Format, a.file, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.Studio.Open(a.From)
	if err != nil {
		return err
	}
	seeds := append(append([]uint64{}, a.Coarse...), a.Fine...)
	s, codes, err := steer(ctx, r, seeds, a.Class, a.Truncation)
	switch {
	case err != nil:
		return err
	case s.Layers < 2:
		return badinput.Errorf("the codes of run %s have one layer, which is coarse and fine at once: only those of a generator with several, such as style, can be mixed", r.Dir.Name())
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
	// The grid row by row: a corner and the fine samples, then of each coarse one
	// itself and its mixtures.
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
