package feature

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"atelier/data"
)

func init() {
	Spaces.Add("clip", "clips by fixed random convolutions of their frames, and of what changes between frames: means over the clip; never compare with published FVD (after Unterthiner et al. 2018, arXiv:1812.01717)",
		func() Space { return clipSpace{} })
}

// clipSpace has no settings, so that its numbers are comparable.
type clipSpace struct{}

// clipChannels are the channels of the random network of clips, fewer than those of pictures: a
// distance of a few hundred clips needs a small space.
var clipChannels = []int{8, 16, 16}

func (clipSpace) Open(_ compute.Backend, set Set) (Embedder, error) {
	f := set.Spec.Target()
	if f.Kind != data.Frames || f.Size() == 0 {
		return nil, fmt.Errorf("feature space clip: it embeds clips, not %v", f)
	}
	still, err := newRandom(f.Frame(), clipChannels)
	if err != nil {
		return nil, err
	}
	return &clipEmbedder{field: f, still: still}, nil
}

type clipEmbedder struct {
	field data.Field
	still *randomEmbedder // of a frame
}

// Name implements [Embedder].
func (e *clipEmbedder) Name() string { return "clip:" + e.still.name }

// Embed implements [Embedder]: the mean features of the frames of a clip, then those of the
// differences of each frame to the one before.
func (e *clipEmbedder) Embed(ctx context.Context, samples *data.Column) (Points, error) {
	if err := sameShape(e.field, samples); err != nil {
		return Points{}, err
	}
	frames, n := e.field.Shape[0], rows(samples)
	p := Points{N: n, Width: 2 * e.still.width, Features: make([]float64, n*2*e.still.width)}
	change := data.NewColumn(e.field.Frame(), frames-1)
	for i := range n {
		clip := data.Column{Field: e.field.Frame(), Floats: samples.Row(i)}
		size := clip.Field.Size()
		for k := range change.Floats {
			change.Floats[k] = clip.Floats[size+k] - clip.Floats[k]
		}
		for part, of := range []*data.Column{&clip, &change} {
			points, err := e.still.Embed(ctx, of)
			if err != nil {
				return Points{}, err
			}
			to := p.Row(i)[part*e.still.width:]
			for t := range points.N {
				for k, v := range points.Row(t) {
					to[k] += v / float64(points.N)
				}
			}
		}
	}
	return p, nil
}
