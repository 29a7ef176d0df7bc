package bench

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"iter"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/picture"
	"atelier/model/run"
	"atelier/recipes"
)

// leastCaught is the share of copies of training pictures, in %, that the score memorised must
// detect.
const leastCaught = 95

// copiesOfFashion scores training pictures with a little noise as if they were generated: distances
// do not notice, but memorised must.
func copiesOfFashion(ctx context.Context, on *Machine, emit func(Row)) error {
	text, err := recipes.Read("fashion-dcgan")
	if err != nil {
		return err
	}
	c, err := run.Parse("fashion-dcgan.toml", text, `score.metrics=[{use="fid2k"},{use="precision_recall"},{use="memorised"}]`)
	if err != nil {
		return err
	}
	fakes, err := on.ReadFakes(ctx, grainy{c.Data.Value}, c)
	if err != nil {
		return err
	}
	scores, err := fakes.Evaluate(ctx, nil)
	if err != nil {
		return err
	}
	copies := imageCell{bars: []imageBar{{score: "memorised", bound: leastCaught}}}
	for _, s := range scores {
		emit(copies.row("fashion copies with noise ", s))
	}
	return nil
}

// grain is the standard deviation of the noise on copies, of 255.
const grain = 5

// grainy yields the pictures of a source, grey, with noise.
type grainy struct{ from data.Source }

// Items implements [data.Source].
func (g grainy) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		n := uint64(0)
		for item, err := range g.from.Items(ctx, split) {
			if err == nil {
				item.Bytes, err = withGrain(item.Bytes, n)
				item.MediaType = "image/png"
			}
			n++
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

func withGrain(original []byte, seed uint64) ([]byte, error) {
	file, err := picture.Open(original)
	if err != nil {
		return nil, err
	}
	in, err := file.Decode()
	if err != nil {
		return nil, err
	}
	grey := image.NewGray(in.Bounds())
	draw.Draw(grey, grey.Bounds(), in, in.Bounds().Min, draw.Src)
	add := make([]float32, len(grey.Pix))
	noise.Normals(add, seed)
	for i, v := range grey.Pix {
		grey.Pix[i] = uint8(min(max(float32(v)+grain*add[i], 0), 255))
	}
	var out bytes.Buffer
	err = png.Encode(&out, grey)
	return out.Bytes(), err
}
