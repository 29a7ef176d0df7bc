package bench

import (
	"context"
	"math"
	"path"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/model/run"
)

// A drawnEmoji is an emoji as somebody drew it, as a run sees it.
type drawnEmoji struct {
	vendor, base, tones string
	group, caption      string
	pixels              []float32
	words               []int32 // lines of the caption
}

// emojiSet are the pictures of a set by part.
type emojiSet struct {
	train, test []drawnEmoji
	field       data.Field // of a picture
}

// readEmoji reads the set by the codec of a run; of the held-out pictures at most some.
func readEmoji(ctx context.Context, place string, r *run.Run, held int) (*emojiSet, error) {
	source, err := data.Resolve(place)
	if err != nil {
		return nil, err
	}
	set := &emojiSet{field: r.Spec.Target()}
	for _, split := range []data.Split{data.Train, data.Test} {
		var all []drawnEmoji
		for it, err := range source.Value.Items(ctx, split) {
			if err != nil {
				return nil, err
			}
			d, err := emojiOf(it, r)
			if err != nil {
				return nil, badinput.Errorf("%s: %w", it.Name, err)
			}
			all = append(all, d)
		}
		if len(all) < 2 {
			return nil, badinput.Errorf("%s has no pictures in its %s part; atelier data add emoji-captions makes the set", place, split)
		}
		if split == data.Train {
			set.train = all
			continue
		}
		for _, i := range noise.Stream(1, 0).Perm(len(all))[:min(held, len(all))] {
			set.test = append(set.test, all[i])
		}
	}
	return set, nil
}

// emojiOf encodes an Item whose name is such as noto/1f44b-1f3fd.
func emojiOf(it data.Item, r *run.Run) (d drawnEmoji, err error) {
	vendor, code := path.Base(path.Dir(it.Name)), strings.TrimSuffix(path.Base(it.Name), path.Ext(it.Name))
	if vendor == "." {
		return d, badinput.Errorf("the name does not say vendor and emoji, such as noto/1f44b-1f3fd")
	}
	d = drawnEmoji{vendor: vendor, group: it.Label, caption: it.Caption}
	var base, tones []string
	for i, c := range strings.Split(code, "-") {
		if i > 0 && c >= "1f3fb" && c <= "1f3ff" && len(c) == 5 {
			tones = append(tones, c)
		} else {
			base = append(base, c)
		}
	}
	d.base, d.tones = strings.Join(base, "-"), strings.Join(tones, "-")
	b := data.NewBatch(r.Spec.Only(data.Target, data.CaptionField), 1)
	if err := r.Config.Codec.Value.Encode(data.ExampleOf(it), b, 0); err != nil {
		return d, err
	}
	d.pixels = b.Column(data.Target).Floats
	if c := b.Column(data.CaptionField); c != nil {
		d.words = c.Ints
	}
	return d, nil
}

// captionsOf are the conditions to draw emoji.
func captionsOf(all []drawnEmoji, r *run.Run) *data.Batch {
	field, _ := r.Spec.Field(data.CaptionField)
	c := data.NewColumn(field, len(all))
	for i, d := range all {
		copy(c.Tokens(i), d.words)
	}
	b := &data.Batch{N: len(all)}
	b.Set(c)
	return b
}

// apart is the mean squared difference of two pictures.
func apart(a, b []float32) float64 {
	sum := float32(0)
	for i, x := range a {
		d := x - b[i]
		sum += d * d
	}
	return float64(sum) / float64(len(a))
}

// nearest is the index of the picture nearest to another, of those that count; -1 if none does.
func nearest(to []float32, among []drawnEmoji, counts func(*drawnEmoji) bool) int {
	best, at := math.Inf(1), -1
	for i := range among {
		if !counts(&among[i]) {
			continue
		}
		if far := apart(to, among[i].pixels); far < best {
			best, at = far, i
		}
	}
	return at
}

// decibels is the peak signal-to-noise ratio of a mean squared difference of pixels in [-1, 1].
func decibels(square float64) float64 { return 10 * math.Log10(4/math.Max(square, 4.0/255/255/12)) }
