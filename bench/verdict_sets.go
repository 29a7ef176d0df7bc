package bench

import (
	"context"
	"image"
	"image/draw"
	"iter"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

// A verdictSet is an embedded set, in parts: what a model would have trained on, what is held out,
// and other pictures, as a perfect model would generate.
type verdictSet struct {
	name    string
	starter string
	recipe  string // whose codec is used
	side    int    // pixels
	classes bool   // whether it has labels; then the space is that of a classifier
	train   int    // training pictures; 0 for all published ones
	held    int    // held-out pictures
	honest  int    // the others
	block   int    // consecutive pictures in one part: variants of one design
}

var verdictSets = []verdictSet{
	{name: "fashion", starter: "fashion", recipe: "fashion", side: 28, classes: true, held: 1000, honest: 1000, block: 1},
	{name: "fashion-plain", starter: "fashion", recipe: "fashion", side: 28, train: 3000, held: 800, honest: 800, block: 1},
	{name: "emoji", starter: "emoji", recipe: "pictures", side: 32, train: 626, held: 380, honest: 380, block: 10},
}

// verdictParts are the parts of a set for one seed.
type verdictParts struct {
	set                 verdictSet
	train, held, honest []data.Item
	few                 bool // whether only a few are held out
}

// parts divides the set by a seed. A set with classes keeps its published training part, for which
// a classifier is embedded; its test part is divided.
func (s verdictSet) parts(ctx context.Context, seed int) (verdictParts, error) {
	p := verdictParts{set: s}
	train, err := s.items(ctx, data.Train)
	if err != nil {
		return p, err
	}
	rest, err := s.items(ctx, data.Test)
	if err != nil {
		return p, err
	}
	if s.train == 0 {
		p.train = train
	} else {
		rest = append(train, rest...)
	}
	blocks := (len(rest) + s.block - 1) / s.block
	var mixed []data.Item
	for _, b := range noise.Stream(uint64(seed), verdictKey).Perm(blocks) {
		mixed = append(mixed, rest[b*s.block:min(len(rest), (b+1)*s.block)]...)
	}
	take := func(n int) []data.Item {
		n = min(n, len(mixed))
		var taken []data.Item
		taken, mixed = mixed[:n], mixed[n:]
		return taken
	}
	p.held, p.honest = take(s.held), take(s.honest)
	if s.train > 0 {
		p.train = take(s.train)
	}
	return p, nil
}

// verdictKey separates the division from other uses of a seed.
const verdictKey = 0x76657264

// items reads a published part; pictures of other sizes are resized, blended with white where
// transparent.
func (s verdictSet) items(ctx context.Context, split data.Split) (all []data.Item, err error) {
	from, err := registry.Make[data.Source]("starter", "name="+s.starter)
	if err != nil {
		return nil, err
	}
	for it, err := range from.Value.Items(ctx, split) {
		if err != nil {
			return nil, err
		}
		if !s.classes { // a labelled set keeps its published training part
			img, err := decoded(it.Bytes)
			if err != nil {
				return nil, err
			}
			plain, err := asPNG(halved(img, s.side))
			if err != nil {
				return nil, err
			}
			it.Bytes, it.MediaType, it.Label = plain.Bytes, plain.MediaType, ""
		}
		all = append(all, it)
	}
	return all, nil
}

// halved is a picture blended with white, at half its size if that is the wanted side.
func halved(img *image.NRGBA, side int) *image.NRGBA {
	opaque := image.NewNRGBA(img.Rect)
	draw.Draw(opaque, opaque.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Rect, img, img.Rect.Min, draw.Over)
	if img.Rect.Dx() != 2*side {
		return opaque
	}
	small := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range small.Pix {
		x, y, c := i/4%side, i/4/side, i%4
		sum := 0
		for _, at := range []int{0, 4, opaque.Stride, opaque.Stride + 4} {
			sum += int(opaque.Pix[2*y*opaque.Stride+8*x+c+at])
		}
		small.Pix[i] = uint8((sum + 2) / 4)
	}
	return small
}

// config is the configuration for measuring folders.
func (p verdictParts) config() (*run.Config, error) {
	text, err := recipes.Read(p.set.recipe)
	if err != nil {
		return nil, err
	}
	c, err := run.Parse(p.set.recipe+".toml", text,
		`score.metrics=[{use="kid2k"},{use="precision_recall"},{use="density_coverage"},{use="classes"},{use="sharpness"},{use="memorised"}]`)
	if err != nil {
		return nil, err
	}
	c.Data.Value = divided{p}
	return c, nil
}

// divided is the source of the parts of a set.
type divided struct{ parts verdictParts }

// SetName implements [data.Named].
func (d divided) SetName() string { return d.parts.set.starter }

// ClassNames implements [data.Classed].
func (d divided) ClassNames() []string {
	if !d.parts.set.classes {
		return nil
	}
	from, err := registry.Make[data.Source]("starter", "name="+d.parts.set.starter)
	if err != nil {
		return nil
	}
	return from.Value.(data.Classed).ClassNames()
}

// Items implements [data.Source].
func (d divided) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if split == data.Test {
		return each(d.parts.held)
	}
	return each(d.parts.train)
}

// each yields Items.
func each(items []data.Item) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}
}

// pictureFolder is a source of pictures to be judged.
type pictureFolder []data.Item

// Items implements [data.Source].
func (f pictureFolder) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if split == data.Test {
		return each(nil)
	}
	return each(f)
}
