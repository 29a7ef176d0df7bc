package bench

import (
	"context"
	"fmt"
	"time"

	"atelier/app"
	"atelier/internal/energy"
	"atelier/model/run"
	"atelier/recipes"
)

// clothesRun is the run of the recipe fashion, trained if there is none.
func clothesRun(ctx context.Context, on *Machine) (*run.Run, error) {
	text, err := recipes.Read("fashion")
	if err != nil {
		return nil, err
	}
	c, err := run.Parse("fashion.toml", text)
	if err != nil {
		return nil, err
	}
	c.Name = "fashion" // as atelier train fashion names it, whose run will do
	return on.Complete(ctx, c)
}

// foundBy runs an app that makes no file, and returns what it found.
func foundBy[T any](ctx context.Context, on *Machine, a app.App) (result T, err error) {
	env := &app.Env{Studio: on.Studio, Watcher: on.Watcher, Out: app.Out{Unasked: true}, Found: func(v any) { result, _ = v.(T) }}
	return result, app.Run(ctx, a, env)
}

// The bars of a look inside: how many times what is chosen changes as much as what is random.
const (
	leastUnits      = 3
	leastDirections = 2
)

// measureInside compares directions, units, saliency and attention with random ones.
func measureInside(_ *Evidence, ctx context.Context, on *Machine, emit func(Row)) error {
	r, err := clothesRun(ctx, on)
	if err != nil {
		return err
	}
	defer r.Close()
	name := app.Model(r.Dir.Name())

	directions := app.New[*app.Directions]()
	directions.From = name
	moved, err := foundBy[*app.FoundDirections](ctx, on, directions)
	if err != nil {
		return err
	}
	for _, d := range moved.Directions {
		emit(Row{Name: fmt.Sprintf("inside: direction %d changes %s", d.Number, d.Property), Value: d.Ratio, Unit: "× random", Bar: fmt.Sprintf(">= %d", leastDirections), Holds: d.Ratio >= leastDirections, N: directions.Measured})
	}

	units := app.New[*app.Dissect]()
	units.From = name
	dissected, err := foundBy[*app.FoundUnits](ctx, on, units)
	if err != nil {
		return err
	}
	emit(Row{Name: "inside: switching off the units of a class changes its accuracy", Value: dissected.Ratio, Unit: "× random", Bar: fmt.Sprintf(">= %d", leastUnits), Holds: dissected.Ratio >= leastUnits, N: units.Measured * len(dissected.Found)})

	saliency := app.New[*app.Saliency]()
	saliency.From = name
	looked, err := foundBy[*app.FoundSaliency](ctx, on, saliency)
	if err != nil {
		return err
	}
	emit(Row{Name: "inside: smoothing away what D looks at changes its logit", Value: looked.Ratio, Unit: "× random", Bar: "> 1", Holds: looked.Ratio > 1, N: looked.Measured})
	emit(Row{Name: "inside: rank correlation of the maps with those of shuffled weights", Value: looked.Shuffled, Bar: "<= half of that with other noise", Holds: looked.Shuffled <= looked.Again/2, Floor: &looked.Again, N: looked.Measured})

	attention := app.New[*app.Attention]()
	attention.Text = "Once upon a time there was a little girl named Lily. She had a red ball. One day, Lily gave the ball to her friend."
	read, err := foundBy[*app.FoundAttention](ctx, on, attention)
	if err != nil {
		return err
	}
	emit(Row{Name: "inside: hiding what a token attends to changes its prediction", Value: read.Ratio, Unit: "× random", Bar: "> 1", Holds: read.Ratio > 1, N: read.Measured})
	return nil
}

// meterReads is the number of readings that are timed.
const meterReads = 2000

// measureRuns repeats what a run says of itself, and gives its energy.
func measureRuns(_ *Evidence, ctx context.Context, on *Machine, emit func(Row)) error {
	r, err := clothesRun(ctx, on)
	if err != nil {
		return err
	}
	defer r.Close()
	repeated, err := on.Repeat(ctx, r.Dir.Path())
	if err != nil {
		return err
	}
	differ := 0
	for _, part := range repeated {
		if part.Outcome == run.Differs {
			differ++
			on.Tell(part.What + ": " + part.Detail)
		}
	}
	emit(Row{Name: "runs: parts that differ when they are made again", Value: float64(differ), Bar: "= 0", Holds: differ == 0, N: len(repeated)})
	if spent, ok := r.Dir.Spent(); ok {
		emit(Row{Name: "runs: energy of training, low end", Value: float64(spent.Total.Low) / 3600, Unit: "Wh", Holds: true})
		emit(Row{Name: "runs: energy of training, high end", Value: float64(spent.Total.High) / 3600, Unit: "Wh", Holds: true})
		if spent.Drawn != nil {
			emit(Row{Name: "runs: energy of 1000 samples, low end", Value: float64(spent.Drawn.Thousand().Low), Unit: "J", Holds: true, N: spent.Drawn.Samples})
			emit(Row{Name: "runs: energy of 1000 samples, high end", Value: float64(spent.Drawn.Thousand().High), Unit: "J", Holds: true, N: spent.Drawn.Samples})
		}
	}
	meter := energy.NewMeter()
	began := processorSeconds()
	for range meterReads {
		meter.Read()
	}
	took := (processorSeconds() - began) / meterReads
	emit(Row{Name: "runs: processor time of a reading of energy", Value: took * float64(time.Second/time.Microsecond), Unit: "µs", Holds: true, N: meterReads})
	return nil
}
