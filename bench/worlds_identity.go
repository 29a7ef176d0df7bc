package bench

import (
	"context"
	"math"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
)

// identities asks the classifier of Fashion-MNIST that comes with the program what it sees where
// clothes are in the last predicted frame, and in the real one: how often it is the same.
func (f *foresight) identities(ctx context.Context, emit func(Row)) error {
	image, err := codec.NewImage(28, 1)
	if err != nil {
		return err
	}
	fashion, err := registry.Make[data.Source]("starter", "name=fashion")
	if err != nil {
		return err
	}
	spec, err := image.Spec(fashion.Value.(data.Classed).ClassNames())
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
