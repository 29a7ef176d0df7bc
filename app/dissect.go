package app

import (
	"context"
	"fmt"
	"image"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/run"
)

func init() {
	Apps.Add("dissect", "find which units of a generator draw what: switch off the units that a class depends on most, beside random ones (GAN Dissection, arXiv:1811.10597)",
		func() App { return &Dissect{Units: 4, Seed: 1, Measured: 40} })
}

// Dissect finds the units of a generator that classes, or properties of pictures, depend on.
type Dissect struct {
	From     Model    `toml:"run" arg:"RUN" needs:"dissects" help:"the run: its name, number or path"`
	Layer    int      `min:"1" max:"100" help:"hidden layer of the generator, counted from the code; 0 is the last"`
	Class    []string `names:"classes" help:"classes to find units of; if empty, all"`
	Units    int      `min:"1" max:"64" help:"number of units that are switched off together"`
	Seed     uint64   `help:"first seed of the samples that choose units; others measure the effect"`
	Measured int      `min:"10" max:"1000" help:"number of samples of each class that choose, and of others that measure"`
}

// randomSets is the number of sets of random units that others are compared with.
const randomSets = 12

// FoundUnits is the result of [Dissect].
type FoundUnits struct {
	Run string `json:"run"`
	// Layer is the dissected one, of Layers, with Units units on a feature map of Height×Width.
	Layer  int `json:"layer"`
	Layers int `json:"layers"`
	Units  int `json:"units"`
	Height int `json:"height"`
	Width  int `json:"width"`
	// By says by what classes are told, or that properties stand in for them.
	By string `json:"by"`
	// Seen says what each unit draws, those first that tell samples apart best.
	Seen []SeenUnit `json:"seen"`
	// Found are the units of each class or property.
	Found []FoundUnit `json:"found"`
	// Ratio is the mean change by chosen units over that by random ones.
	Ratio float64 `json:"ratio"`
}

// A SeenUnit is a unit and the part of pictures that it is active in.
type SeenUnit struct {
	Unit int `json:"unit"`
	// Part is the part with the largest IoU (intersection over union) with the places where the unit
	// is most active, Random the IoU with the same part of other samples.
	Part   string  `json:"part"`
	IoU    float64 `json:"iou"`
	Random float64 `json:"random"`
}

// A FoundUnit is what depends on some units.
type FoundUnit struct {
	// Of is a class, or a property.
	Of    string `json:"of"`
	Units []int  `json:"units"`
	// Before and After are the accuracy without and with the units switched off, on other samples
	// than those that chose them; of a property, its mean in standard deviations.
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Random is the mean absolute change by as many random units, Ratio how many times that the
	// change is.
	Random float64 `json:"random"`
	Ratio  float64 `json:"ratio"`
}

// composes implements [composer].
func (a Dissect) composes() {}

// Example implements [App].
func (a Dissect) Example() string { return "0001-fashion --class bag,trouser -o units.png" }

// Finds implements [Finder].
func (a Dissect) Finds() any { return &FoundUnits{} }

// Check implements [Checker].
func (a Dissect) Check(out Out) error { return CheckPNG(out.File) }

// Run implements [App].
func (a Dissect) Run(ctx context.Context, env *Env) error {
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	if err := r.CheckPictures(); err != nil {
		return err
	}
	drawn := !env.Out.Unasked
	name := r.Dir.Name() + "-units.png"
	if drawn {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	d, err := a.dissection(ctx, r)
	if err != nil {
		return err
	}
	found, err := d.find(ctx, env)
	if err != nil {
		return err
	}
	found.tell(env)
	env.found(found)
	if !drawn {
		return nil
	}
	img, err := d.sheet(ctx, found)
	if err != nil {
		return err
	}
	file, err := encodePNG(img)
	if err != nil {
		return err
	}
	return env.emit(a, madeBy(r), data.Item{Name: name, MediaType: picture.PNG.MediaType(), Bytes: file}, run.Seeds(a.Seed+uint64(a.Measured), shownUnits))
}

// tell prints what was found.
func (f *FoundUnits) tell(env *Env) {
	env.say("layer %d of %d: %d units on %d×%d; %s", f.Layer, f.Layers, f.Units, f.Height, f.Width, f.By)
	for _, u := range f.Seen[:min(len(f.Seen), toldUnits)] {
		env.say("unit %-3d draws %-12s IoU %.2f, of other samples %.2f", u.Unit, u.Part, u.IoU, u.Random)
	}
	for _, u := range f.Found {
		env.say("%-16s without %s: %.2f → %.2f; without random units it changes by %.2f: %.1f × as much", u.Of, unitNames(u.Units), u.Before, u.After, u.Random, u.Ratio)
	}
	env.say("switching off the chosen units changes %.1f × as much as random ones, on samples that did not choose them", f.Ratio)
}

// toldUnits is the number of units of which is printed what they draw.
const toldUnits = 8

func unitNames(units []int) string {
	words := make([]string, len(units))
	for i, u := range units {
		words[i] = fmt.Sprint(u)
	}
	if len(words) == 1 {
		return "unit " + words[0]
	}
	return "units " + strings.Join(words, ", ")
}

// shownUnits is the number of samples of each class in the sheet.
const shownUnits = 6

// sheet shows samples of each class as they are, without its units, and without as many others.
func (d *dissection) sheet(ctx context.Context, found *FoundUnits) (*image.NRGBA, error) {
	var rows []*image.NRGBA
	for _, u := range found.Found {
		codes, err := d.codes(ctx, u.Of, run.Seeds(d.Seed+uint64(d.Measured), shownUnits))
		if err != nil {
			return nil, err
		}
		all := data.Column{Field: d.target}
		for _, off := range [][]int{nil, u.Units, d.others(u.Units)} {
			c, err := d.without(ctx, codes, off)
			if err != nil {
				return nil, err
			}
			all.Floats = append(all.Floats, c.Floats...)
		}
		row, err := codec.Sheet(&all, 3*shownUnits)
		if err != nil {
			return nil, err
		}
		rows = append(rows, captioned(row, fmt.Sprintf("%s: as it is, without %s, without as many others", u.Of, unitNames(u.Units))))
	}
	return down(rows...), nil
}

// unfitLayer says which layers there are.
func unfitLayer(r *run.Run, most, got int) error {
	return registry.Unfit("layer", fmt.Sprintf("the generator of run %s has the hidden layers 1 to %d, got %d", r.Dir.Name(), most, got))
}
