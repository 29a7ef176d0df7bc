package app

import (
	"context"
	"fmt"
	"image"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/picture"
	"atelier/model/run"
)

func init() {
	Apps.Add("directions", "find directions in which a generator's codes can be moved, and what each changes, beside random ones; generate --direction moves along them",
		func() App { return &Directions{N: 6, Length: 3, Seed: 1, Measured: 100} })
}

// Directions finds what moves along the directions of a run change.
type Directions struct {
	From     Model   `toml:"run" arg:"RUN" needs:"moves" help:"the run: its name, number or path"`
	N        int     `min:"1" max:"32" help:"number of directions, the strongest first"`
	Length   float64 `min:"0.1" max:"20" help:"how far codes are moved, both ways; 4 is the typical distance of a code from the mean of its class"`
	Seed     uint64  `help:"first seed of the samples that are moved"`
	Class    string  `names:"classes" help:"class to generate, for a class-conditional run; if empty, any"`
	Measured int     `min:"20" max:"5000" help:"number of samples that choose the property of each direction, and of others that measure it"`
}

// randomDirections is the number of random directions that others are compared with.
const randomDirections = 24

// FoundDirections is the result of [Directions].
type FoundDirections struct {
	Run        string           `json:"run"`
	Length     float64          `json:"length"`
	Directions []FoundDirection `json:"directions"`
	// Best is the largest ratio of a direction.
	Best float64 `json:"best_ratio"`
	// Random is the mean absolute change by random directions of the property that each of them
	// changes most, chosen as for the others.
	Random float64 `json:"random_own"`
}

// A FoundDirection is a direction and what it changes.
type FoundDirection struct {
	// Number is its number in [Generate.Direction], and Strength its share of how much all
	// directions change the input of the layers.
	Number   int     `json:"number"`
	Strength float64 `json:"strength"`
	// Property is what it changes most on the samples that choose, Change by how much, from one end
	// to the other, on other samples: in standard deviations of the property.
	Property string  `json:"property"`
	Change   float64 `json:"change"`
	// Random is the mean absolute change of that property by random directions of the same length,
	// RandomMost the largest, and Ratio how many times the mean the change is.
	Random     float64 `json:"random"`
	RandomMost float64 `json:"random_most"`
	Ratio      float64 `json:"ratio"`
	// Changes are those of all properties.
	Changes map[string]float64 `json:"changes"`
}

// composes implements [composer].
func (a Directions) composes() {}

// Example implements [App].
func (a Directions) Example() string { return "0001-fashion -n 6 -o directions.png" }

// Finds implements [Finder].
func (a Directions) Finds() any { return &FoundDirections{} }

// Check implements [Checker].
func (a Directions) Check(out Out) error { return CheckPNG(out.File) }

// Run implements [App].
func (a Directions) Run(ctx context.Context, env *Env) error {
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	drawn := !env.Out.Unasked
	name := r.Dir.Name() + "-directions.png"
	if drawn {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	m, err := newMover(ctx, r, a.Class)
	if err != nil {
		return err
	}
	found, err := a.measure(ctx, env, m)
	if err != nil {
		return err
	}
	found.tell(env)
	env.found(found)
	if !drawn {
		return nil
	}
	img, err := a.sheet(ctx, m, found)
	if err != nil {
		return err
	}
	file, err := encodePNG(img)
	if err != nil {
		return err
	}
	return env.emit(a, madeBy(r), data.Item{Name: name, MediaType: picture.PNG.MediaType(), Bytes: file}, run.Seeds(a.Seed, shownMoved))
}

// tell prints what was found.
func (f *FoundDirections) tell(env *Env) {
	env.say("moved by -%g to +%g; changes in standard deviations of the property, on other samples than it was chosen on", f.Length, f.Length)
	for _, d := range f.Directions {
		env.say("%3d  %-16s %+.2f  random directions %.2f on average, %.2f at most: %.1f × as much", d.Number, d.Property, d.Change, d.Random, d.RandomMost, d.Ratio)
	}
	env.say("random directions change the property that each of them changes most by %.2f on average", f.Random)
}

const (
	shownMoved = 2 // samples of each direction in the sheet
	shownSteps = 7 // of each sample
)

// sheet shows samples moved along each direction.
func (a Directions) sheet(ctx context.Context, m *mover, found *FoundDirections) (*image.NRGBA, error) {
	var rows []*image.NRGBA
	for i, d := range found.Directions {
		all := data.Column{Field: m.target}
		for _, seed := range run.Seeds(a.Seed, shownMoved) {
			for k := range shownSteps {
				length := a.Length * (2*float64(k)/(shownSteps-1) - 1)
				c, err := m.draw(ctx, []uint64{seed}, m.vectors.Vectors[i], length)
				if err != nil {
					return nil, err
				}
				all.Floats = append(all.Floats, c.Floats...)
			}
		}
		row, err := codec.Sheet(&all, shownMoved*shownSteps)
		if err != nil {
			return nil, err
		}
		rows = append(rows, captioned(row, fmt.Sprintf("%d: %s %+.1f, %.1f x random", d.Number, d.Property, d.Change, d.Ratio)))
	}
	return down(rows...), nil
}
