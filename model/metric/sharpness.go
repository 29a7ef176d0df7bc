package metric

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
)

func init() {
	Metrics.Add("sharpness", "variance of the Laplacian of 2,000 fakes' brightness, and its ratio to that of real test pictures (Pech-Pacheco 2000)",
		func() Metric { return sharpness{} })
}

// sharpness has no settings.
type sharpness struct{}

// SelectionScores implements [Selector].
func (sharpness) SelectionScores() []string { return nil }

func (sharpness) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	f := e.Spec.Target()
	if f.Kind != data.Pixels || len(f.Shape) != 3 || min(f.Shape[0], f.Shape[1]) < 3 {
		return nil, fmt.Errorf("%w: the samples are not pictures of 3×3 pixels or more", ErrNotApplicable)
	}
	scores := []Score{
		{Name: "sharpness", Note: "brightness in [0, 1]"},
		{Name: "sharpness_ratio", Note: "1 is as sharp as real test pictures; less is blurred, more is noise"},
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		const n = 2000
		fake, test, err := e.fakesAndTest(ctx, n, draw)
		if err != nil {
			return s, err
		}
		train, err := e.reals(data.Train, n, draw)
		if err != nil {
			return s, err
		}
		v, t, r := Sharpness(fake.Column(data.Target)), Sharpness(test.Column(data.Target)), Sharpness(train.Column(data.Target))
		if t == 0 {
			return s, fmt.Errorf("%w: the test pictures are all flat", ErrNotApplicable)
		}
		return sample{values: []float64{v, v / t}, floors: []float64{r, r / t}, fakes: fake.N, reals: min(test.N, train.N)}, nil
	})
}

// Sharpness returns the mean over pictures [height, width, channels] of the
// variance of the Laplacian 4c - n - e - s - w of their brightness in [0, 1],
// at all pixels that have four neighbours.
func Sharpness(pictures *data.Column) float64 {
	h, w := pictures.Field.Shape[0], pictures.Field.Shape[1]
	n := len(pictures.Floats) / pictures.Field.Size()
	laplacian := make([]float64, 0, (h-2)*(w-2))
	sum := 0.0
	for i := range n {
		b := brightness(pictures.Row(i), pictures.Field)
		laplacian = laplacian[:0]
		for y := 1; y < h-1; y++ {
			for at := y*w + 1; at < y*w+w-1; at++ {
				laplacian = append(laplacian, 4*b[at]-b[at-1]-b[at+1]-b[at-w]-b[at+w])
			}
		}
		sum += stat.PopVariance(laplacian, nil)
	}
	return sum / float64(n)
}

// brightness maps a picture to [height*width] values in [0, 1]: grey as it is,
// colours by Rec. 601, transparent ones over white.
func brightness(pixels []float32, f data.Field) []float64 {
	channels := f.Shape[2]
	out := make([]float64, len(pixels)/channels)
	unit := func(v float32) float64 { return float64(v-f.Low) / float64(f.High-f.Low) }
	for i := range out {
		p := pixels[i*channels : (i+1)*channels]
		out[i] = unit(p[0])
		if channels >= 3 {
			out[i] = 0.299*unit(p[0]) + 0.587*unit(p[1]) + 0.114*unit(p[2])
		}
		if channels == 4 {
			alpha := unit(p[3])
			out[i] = alpha*out[i] + 1 - alpha
		}
	}
	return out
}
