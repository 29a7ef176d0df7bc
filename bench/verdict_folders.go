package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

// A verdictFolder is a folder of pictures with a known flaw.
type verdictFolder struct {
	name string
	// want are the acceptable findings.
	want []metric.Finding
	make func(ctx context.Context, on *Machine, p verdictParts, rng *rand.Rand) ([]data.Item, error)
}

// honestFolders is the number of folders without flaws.
const honestFolders = 10

var verdictFolders = []verdictFolder{
	{"noise", []metric.Finding{metric.FoundNoise, metric.FoundUnlike}, drawnOver(func(p verdictParts) []data.Item { return p.honest }, noisePicture)},
	{"blur", []metric.Finding{metric.FoundBlur}, drawnOver(func(p verdictParts) []data.Item { return p.honest }, blurred)},
	{"mean picture", []metric.Finding{metric.FoundRepeats}, meanPicture},
	{"8 repeated", []metric.Finding{metric.FoundRepeats}, eightRepeated},
	{"mixtures of two", []metric.Finding{metric.FoundUnlike, metric.FoundBlur}, mixtures},
	{"training copies", copied, drawnOver(trained, same)},
	{"JPEG copies", copied, drawnOver(trained, throughJPEG)},
	{"a tenth copies", copied, tenth},
	{"copies, brightness × .85", copied, drawnOver(trained, darker)},
	{"copies, flipped", copied, drawnOver(trained, warped(func(x, y, last float64) (float64, float64) { return last - x, y }))},
	{"copies, cropped by a pixel", copied, drawnOver(trained, warped(func(x, y, last float64) (float64, float64) {
		return 1 + x*(last-2)/last, 1 + y*(last-2)/last
	}))},
	{"copies, shifted by a pixel", copied, drawnOver(trained, warped(func(x, y, _ float64) (float64, float64) { return x - 1, y }))},
	{"one class missing", []metric.Finding{metric.FoundMissing, metric.FoundGaps}, oneClassMissing},
	{"one-step run", []metric.Finding{metric.FoundNoise, metric.FoundUnlike, metric.FoundRepeats, metric.FoundBlur}, oneStep},
	{"60 held-out pictures", []metric.Finding{metric.FoundTooFew}, nil},
}

var copied = []metric.Finding{metric.FoundCopies}

func trained(p verdictParts) []data.Item { return p.train[:min(len(p.train), len(p.honest))] }

// drawnOver applies a change to some pictures.
func drawnOver(from func(verdictParts) []data.Item, change func(*image.NRGBA, *rand.Rand) (*image.NRGBA, error)) func(context.Context, *Machine, verdictParts, *rand.Rand) ([]data.Item, error) {
	return func(_ context.Context, _ *Machine, p verdictParts, rng *rand.Rand) ([]data.Item, error) {
		var all []data.Item
		for _, it := range from(p) {
			img, err := decoded(it.Bytes)
			if err != nil {
				return nil, err
			}
			if img, err = change(img, rng); err != nil {
				return nil, err
			}
			if it, err = asPNG(img); err != nil {
				return nil, err
			}
			all = append(all, it)
		}
		return all, nil
	}
}

func same(img *image.NRGBA, _ *rand.Rand) (*image.NRGBA, error) { return img, nil }

// noisePicture is as many bytes at random.
func noisePicture(img *image.NRGBA, rng *rand.Rand) (*image.NRGBA, error) {
	grey := true
	for at := 0; at < len(img.Pix); at += 4 {
		grey = grey && img.Pix[at] == img.Pix[at+1] && img.Pix[at] == img.Pix[at+2]
	}
	return mapped(img, func(_, c int) float64 {
		if c > 0 && grey {
			return -1 // the same as the first
		}
		return 255 * rng.Float64()
	}), nil
}

// mapped maps the values of a picture; a negative one stands for that of the previous channel.
func mapped(img *image.NRGBA, value func(at, channel int) float64) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for at := 0; at < len(out.Pix); at += 4 {
		for c := range 3 {
			if v := value(at, c); v >= 0 {
				out.Pix[at+c] = uint8(min(v+0.5, 255))
			} else {
				out.Pix[at+c] = out.Pix[at+c-1]
			}
		}
		out.Pix[at+3] = 255
	}
	return out
}

// blurred is a 5 × 5 box blur.
func blurred(img *image.NRGBA, _ *rand.Rand) (*image.NRGBA, error) {
	side := img.Rect.Dx()
	return mapped(img, func(at, c int) float64 {
		x, y, sum := at/4%side, at/4/side, 0.0
		for d := range 25 {
			u, v := min(max(x+d%5-2, 0), side-1), min(max(y+d/5-2, 0), side-1)
			sum += float64(img.Pix[4*(v*side+u)+c])
		}
		return sum / 25
	}), nil
}

func darker(img *image.NRGBA, _ *rand.Rand) (*image.NRGBA, error) {
	return mapped(img, func(at, c int) float64 { return 0.85 * float64(img.Pix[at+c]) }), nil
}

func throughJPEG(img *image.NRGBA, _ *rand.Rand) (*image.NRGBA, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 75}); err != nil {
		return nil, err
	}
	return decoded(b.Bytes())
}

// warped moves each pixel, with interpolation, clamped at the edge.
func warped(from func(x, y, last float64) (float64, float64)) func(*image.NRGBA, *rand.Rand) (*image.NRGBA, error) {
	return func(img *image.NRGBA, _ *rand.Rand) (*image.NRGBA, error) {
		side := img.Rect.Dx()
		last := float64(side - 1)
		return mapped(img, func(at, c int) float64 {
			x, y := from(float64(at/4%side), float64(at/4/side), last)
			x, y = min(max(x, 0), last), min(max(y, 0), last)
			x0, y0 := int(x), int(y)
			x1, y1 := min(x0+1, side-1), min(y0+1, side-1)
			fx, fy := x-float64(x0), y-float64(y0)
			p := func(x, y int) float64 { return float64(img.Pix[4*(y*side+x)+c]) }
			return (1-fy)*((1-fx)*p(x0, y0)+fx*p(x1, y0)) + fy*((1-fx)*p(x0, y1)+fx*p(x1, y1))
		}), nil
	}
}

func meanPicture(_ context.Context, _ *Machine, p verdictParts, _ *rand.Rand) ([]data.Item, error) {
	var sums []float64
	var last *image.NRGBA
	for _, it := range p.train {
		img, err := decoded(it.Bytes)
		if err != nil {
			return nil, err
		}
		if last = img; sums == nil {
			sums = make([]float64, len(img.Pix))
		}
		for i, v := range img.Pix {
			sums[i] += float64(v) / float64(len(p.train))
		}
	}
	it, err := asPNG(mapped(last, func(at, c int) float64 { return sums[at+c] }))
	return slices.Repeat([]data.Item{it}, len(p.honest)), err
}

func eightRepeated(_ context.Context, _ *Machine, p verdictParts, _ *rand.Rand) ([]data.Item, error) {
	return slices.Repeat(p.honest[:8], len(p.honest)/8), nil
}

func mixtures(_ context.Context, _ *Machine, p verdictParts, rng *rand.Rand) (all []data.Item, err error) {
	for _, it := range p.honest {
		a, err := decoded(it.Bytes)
		if err != nil {
			return nil, err
		}
		b, err := decoded(p.honest[rng.IntN(len(p.honest))].Bytes)
		if err != nil {
			return nil, err
		}
		if it, err = asPNG(mapped(a, func(at, c int) float64 { return (float64(a.Pix[at+c]) + float64(b.Pix[at+c])) / 2 })); err != nil {
			return nil, err
		}
		all = append(all, it)
	}
	return all, nil
}

func tenth(_ context.Context, _ *Machine, p verdictParts, _ *rand.Rand) ([]data.Item, error) {
	all := slices.Clone(p.honest)
	copy(all, trained(p)[:len(all)/10])
	return all, nil
}

// oneClassMissing drops the most frequent class of a labelled set.
func oneClassMissing(_ context.Context, _ *Machine, p verdictParts, _ *rand.Rand) ([]data.Item, error) {
	if !p.set.classes {
		return nil, nil
	}
	return slices.DeleteFunc(slices.Clone(p.honest), func(it data.Item) bool { return it.Label == p.honest[0].Label }), nil
}

// oneStep is samples of a run after its first step.
func oneStep(ctx context.Context, on *Machine, p verdictParts, _ *rand.Rand) ([]data.Item, error) {
	text, err := recipes.Read(p.set.recipe)
	if err != nil {
		return nil, err
	}
	c, err := run.Parse(p.set.recipe+".toml", text, "steps=1", "pictures=1", "save=1", "name=verdict-"+p.set.name,
		fmt.Sprintf(`data={use="starter", name="%s"}`, p.set.starter), "score.metrics=[]", `score.best=""`)
	if err != nil {
		return nil, err
	}
	r, err := on.Complete(ctx, c)
	if err != nil {
		return nil, err
	}
	samples, err := r.Draw(ctx, run.Seeds(1, len(p.honest)), nil, 1)
	if err != nil {
		return nil, err
	}
	var all []data.Item
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		it, err := r.Decode(b)
		if err != nil {
			return nil, err
		}
		all = append(all, it)
	}
	return all, nil
}

// honest is a folder without flaws: pictures of the set that no model has seen, in each a different
// tenth left out.
func honest(p verdictParts, i int) []data.Item {
	var all []data.Item
	for _, at := range noise.Stream(uint64(i), verdictKey, 1).Perm(len(p.honest))[len(p.honest)/10:] {
		all = append(all, p.honest[at])
	}
	return all
}
