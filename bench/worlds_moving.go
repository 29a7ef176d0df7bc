package bench

import (
	"context"
	"fmt"
	"math"

	"atelier/data"
	"atelier/data/codec"
	"atelier/data/source"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/run"
	"atelier/recipes"
)

func init() { addWorlds("moving", movingClothes) }

const (
	movingClips = 100 // test clips
	movingAhead = 5   // frames that are compared
)

// movingClothes trains the recipe moving and measures what it predicts of test clips, of which the
// truth is known.
func movingClothes(ctx context.Context, on *Machine, emit func(Row)) error {
	text, err := recipes.Read("moving")
	if err != nil {
		return err
	}
	c, err := run.Parse("moving.toml", text, "name=moving")
	if err != nil {
		return err
	}
	r, err := on.Complete(ctx, c)
	if err != nil {
		return err
	}
	defer r.Close()
	if seconds, err := r.Seconds(); err == nil {
		emit(Row{Name: "moving, training of 16 frames of 64×64", Value: seconds / 60, Unit: "min", Bar: "<= 40", Holds: seconds <= 40*60})
	}
	m, err := newForesight(ctx, on, r)
	if err != nil {
		return err
	}
	if err := m.squares(emit); err != nil {
		return err
	}
	m.velocities(emit)
	return m.identities(ctx, emit)
}

// A foresight is what was predicted of test clips, and what happened.
type foresight struct {
	on        *Machine
	from      *source.Moving
	given     int
	movers    [][]source.Mover
	real, own *data.Column
}

func newForesight(ctx context.Context, on *Machine, r *run.Run) (*foresight, error) {
	m, _, err := r.Continuing()
	if err != nil {
		return nil, err
	}
	from, ok := r.Config.Data.Value.(*source.Moving)
	if !ok {
		return nil, fmt.Errorf("run %s was not trained on moving", r.Dir.Name())
	}
	f := &foresight{on: on, from: from, given: m.GivenFrames()}
	batch := data.NewBatch(r.Spec.Only(data.Target), movingClips)
	i := 0
	for it, err := range from.Items(ctx, data.Test) {
		if err != nil {
			return nil, err
		}
		if err := r.Config.Codec.Value.Encode(data.ExampleOf(it), batch, i); err != nil {
			return nil, err
		}
		movers, err := from.Truth(ctx, data.Test, i)
		if err != nil {
			return nil, err
		}
		f.movers = append(f.movers, movers)
		if i++; i == movingClips {
			break
		}
	}
	f.real = batch.Column(data.Target)
	own := data.NewColumn(f.real.Field, movingClips)
	samples, err := r.Draw(ctx, run.Seeds(0, movingClips), batch, 1)
	if err != nil {
		return nil, err
	}
	i = 0
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		copy(own.Row(i), b.Column(data.Target).Floats)
		i++
	}
	f.own = &own
	return f, nil
}

// frame is a frame of a clip, as values in [-1, 1].
func (f *foresight) frame(of *data.Column, clip, t int) []float32 {
	n := of.Field.Frame().Size()
	return of.Row(clip)[t*n : (t+1)*n]
}

// squares compares squared errors with those of two guesses: the last frame again, and the change of
// the last two frames again.
func (f *foresight) squares(emit func(Row)) error {
	var own, last, linear float64
	n := 0
	for clip := range movingClips {
		now, before := f.frame(f.real, clip, f.given-1), f.frame(f.real, clip, f.given-2)
		for k := 1; k <= movingAhead; k++ {
			real, predicted := f.frame(f.real, clip, f.given-1+k), f.frame(f.own, clip, f.given-1+k)
			for i, v := range real {
				guess := min(max(now[i]+float32(k)*(now[i]-before[i]), -1), 1)
				own += square(predicted[i] - v)
				last += square(now[i] - v)
				linear += square(guess - v)
				n++
			}
		}
	}
	emit(Row{Name: "moving, squared error of copying the last frame", Value: last / float64(n), N: movingClips, Holds: true})
	emit(Row{Name: "moving, squared error of linear extrapolation", Value: linear / float64(n), N: movingClips, Holds: true})
	emit(Row{Name: "moving, squared error of the next 5 frames", Value: own / float64(n), N: movingClips, Holds: true})
	emit(notAbove("moving, of the better of the two", own/min(last, linear), "", 0.5, movingClips))
	return nil
}

func square(v float32) float64 { return float64(v) * float64(v) }

// grey is a frame with levels of 0 to 255.
func (f *foresight) grey(of *data.Column, clip, t int) []float64 {
	frame := f.frame(of, clip, t)
	out := make([]float64, len(frame))
	for i, v := range frame {
		out[i] = (float64(v) + 1) * 127.5
	}
	return out
}

// velocities measures how fast clothes move in the predicted frames, by the places where their
// pictures fit best in the first and in the last of them, and how far that is from the truth, of
// their speed.
func (f *foresight) velocities(emit func(Row)) {
	first, last := f.given, f.given+movingAhead-1
	far := func(of *data.Column) (sum float64) {
		for clip, movers := range f.movers {
			from, to := f.places(of, clip, first), f.places(of, clip, last)
			for i, m := range movers {
				dx := to[i][0] - from[i][0] - (m.At[last][0] - m.At[first][0])
				dy := to[i][1] - from[i][1] - (m.At[last][1] - m.At[first][1])
				sum += math.Hypot(dx, dy) / float64(last-first) / math.Hypot(m.Velocity[first][0], m.Velocity[first][1])
			}
		}
		return 100 * sum / float64(movingClips*f.from.Clothes)
	}
	floor := far(f.real)
	row := notAbove("moving, error of velocities", far(f.own), "%", 10, movingClips*f.from.Clothes)
	row.Floor = &floor
	emit(row)
}

// The search for the place of a picture: how far around the truth, in pixels, and its steps.
const placesAround = 6

var placeSteps = []float64{1, 0.25, 0.0625}

// places are where the clothes fit best in a frame: in turn, with the others where they were found.
func (f *foresight) places(of *data.Column, clip, t int) [][2]float64 {
	frame, movers := f.grey(of, clip, t), f.movers[clip]
	at := make([][2]float64, len(movers))
	for i, m := range movers {
		at[i] = m.At[t]
	}
	for range 2 {
		for i := range movers {
			others := make([]float64, len(frame))
			for j := range movers {
				if j != i {
					f.draw(others, &movers[j], at[j])
				}
			}
			around, reach := movers[i].At[t], placesAround
			for _, step := range placeSteps {
				at[i] = f.nearest(frame, others, &movers[i], around, step, reach)
				around, reach = at[i], 4
			}
		}
	}
	return at
}

// draw adds a piece of clothing to a frame.
func (f *foresight) draw(frame []float64, m *source.Mover, at [2]float64) {
	m.Over(at, func(x, y int, v float64) {
		if x >= 0 && y >= 0 && x < f.from.Size && y < f.from.Size {
			frame[y*f.from.Size+x] = max(frame[y*f.from.Size+x], v)
		}
	})
}

// nearest tries the places around one in steps, so many each way.
func (f *foresight) nearest(frame, others []float64, m *source.Mover, around [2]float64, step float64, reach int) (best [2]float64) {
	least := math.Inf(1)
	drawn := make([]float64, len(frame))
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			at := [2]float64{around[0] + step*float64(dx), around[1] + step*float64(dy)}
			copy(drawn, others)
			f.draw(drawn, m, at)
			sum := 0.
			for i, v := range frame {
				sum += (v - drawn[i]) * (v - drawn[i])
			}
			if sum < least {
				least, best = sum, at
			}
		}
	}
	return best
}

// identities asks the classifier of Fashion-MNIST that comes with the program what it sees where
// clothes are in the last predicted frame, and in the real one: how often it is the same.
func (f *foresight) identities(ctx context.Context, emit func(Row)) error {
	image, err := codec.NewImage(28, 1)
	if err != nil {
		return err
	}
	spec, err := image.Spec((&source.Starter{Name: "fashion"}).ClassNames())
	if err != nil {
		return err
	}
	of := feature.Set{Name: "fashion", Spec: spec}
	if of.Network, err = family.NetworkOf(registry.Choose[family.Family]("classifier").Value, spec); err != nil {
		return err
	}
	space, err := feature.Spaces.New("classifier")
	if err != nil {
		return err
	}
	e, err := space.Open(f.on.Backend, of)
	if err != nil {
		return err
	}
	t := f.given + movingAhead - 1
	seen := func(of *data.Column) (feature.Points, error) {
		crops := data.NewColumn(spec.Target(), movingClips*f.from.Clothes)
		for clip, movers := range f.movers {
			for i, m := range movers {
				f.crop(f.frame(of, clip, t), m.At[t], crops.Row(clip*f.from.Clothes+i))
			}
		}
		return e.Embed(ctx, &crops)
	}
	was, err := seen(f.real)
	if err != nil {
		return err
	}
	is, err := seen(f.own)
	if err != nil {
		return err
	}
	same, classes := 0, len(was.Probabilities)/was.N
	for i := range was.N {
		if likeliest(was.Probabilities[i*classes:(i+1)*classes]) == likeliest(is.Probabilities[i*classes:(i+1)*classes]) {
			same++
		}
	}
	emit(notBelow("moving, clothes that stay what they are", 100*float64(same)/float64(was.N), "%", 90, was.N))
	return nil
}

func likeliest(p []float64) (best int) {
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

// crop takes the square of a piece of clothing out of a frame, interpolated bilinearly.
func (f *foresight) crop(frame []float32, at [2]float64, to []float32) {
	const side = 28
	scale := float64(f.from.Size) / 64
	pixel := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= f.from.Size || y >= f.from.Size {
			return -1
		}
		return float64(frame[y*f.from.Size+x])
	}
	for i := range to {
		x, y := at[0]+scale*float64(i%side), at[1]+scale*float64(i/side)
		left, top := math.Floor(x), math.Floor(y)
		fx, fy := x-left, y-top
		a, b := int(left), int(top)
		above := (1-fx)*pixel(a, b) + fx*pixel(a+1, b)
		below := (1-fx)*pixel(a, b+1) + fx*pixel(a+1, b+1)
		to[i] = float32((1-fy)*above + fy*below)
	}
}
