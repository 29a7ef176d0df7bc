package app

import (
	"cmp"
	"context"
	"math"
	"slices"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/family"
	"atelier/model/run"
)

// A looking is samples and maps of what a discriminator looks at.
type looking struct {
	Saliency
	run      *run.Run
	target   data.Field
	samples  *data.Batch
	look     family.Saliency
	maps     []float64 // [samples, height, width]
	again    []float64 // with other noise
	shuffled []float64 // with shuffled weights
}

// Settings of the maps: the mean of maps of noisy samples (SmoothGrad: Smilkov et al. 2017,
// arXiv:1706.03825).
const (
	noisyMaps  = 16
	noiseShare = 0.1 // of the range of pixels
)

// looking draws samples and maps.
func (a Saliency) looking(ctx context.Context, r *run.Run) (*looking, error) {
	l := &looking{Saliency: a, run: r, target: r.Spec.Target()}
	var err error
	if l.look, err = r.Saliency(0); err != nil {
		return nil, err
	}
	shuffled, err := r.Saliency(shuffleSeed)
	if err != nil {
		return nil, err
	}
	if l.samples, err = l.draw(ctx); err != nil {
		return nil, err
	}
	for _, m := range []struct {
		to   *[]float64
		by   family.Saliency
		seed uint64
	}{{&l.maps, l.look, 1}, {&l.again, l.look, 2}, {&l.shuffled, shuffled, 1}} {
		if *m.to, err = l.smooth(ctx, m.by, m.seed); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// shuffleSeed is the seed of shuffled weights.
const shuffleSeed = 1

// draw draws the samples as one batch.
func (l *looking) draw(ctx context.Context) (*data.Batch, error) {
	conditions, err := l.run.OfClass(l.Measured, l.Class)
	if err != nil {
		return nil, err
	}
	samples, err := l.run.Draw(ctx, run.Seeds(l.Seed, l.Measured), conditions, 1)
	if err != nil {
		return nil, err
	}
	var all *data.Batch
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = b
			continue
		}
		all = data.Joined(all, b)
	}
	return all, nil
}

// smooth is the size of the mean gradient of noisy samples, summed over channels.
func (l *looking) smooth(ctx context.Context, look family.Saliency, seed uint64) ([]float64, error) {
	pixels := l.samples.Column(data.Target)
	sum := make([]float64, len(pixels.Floats))
	for k := range noisyMaps {
		noisy := data.NewColumn(pixels.Field, l.samples.N)
		noise.Normals(noisy.Floats, seed, uint64(k), saliencyNoise)
		for i, x := range pixels.Floats {
			noisy.Floats[i] = x + noiseShare*(l.target.High-l.target.Low)*noisy.Floats[i]
		}
		gradients, _, err := look(ctx, l.with(noisy))
		if err != nil {
			return nil, err
		}
		for i, v := range gradients {
			sum[i] += float64(v) / noisyMaps
		}
	}
	channels := l.target.Shape[2]
	maps := make([]float64, len(sum)/channels) // [samples, height, width]
	for i, v := range sum {
		maps[i/channels] += math.Abs(v)
	}
	return maps, nil
}

// saliencyNoise is the key of the noise of maps.
const saliencyNoise = 0x73616c // "sal"

// with is the batch of samples with other pixels.
func (l *looking) with(pixels data.Column) *data.Batch {
	b := &data.Batch{N: l.samples.N, Columns: slices.Clone(l.samples.Columns)}
	b.Set(pixels)
	return b
}

// measure compares the maps with random ones and with those of shuffled weights.
func (l *looking) measure(ctx context.Context) (*FoundSaliency, error) {
	f := &FoundSaliency{Run: l.run.Dir.Name(), Measured: l.samples.N}
	_, plain, err := l.look(ctx, l.samples)
	if err != nil {
		return nil, err
	}
	if f.Removed, err = l.change(ctx, plain, func(i int) []int { return mostOf(l.mapOf(l.maps, i), l.removed()) }); err != nil {
		return nil, err
	}
	for k := range randomRemovals {
		change, err := l.change(ctx, plain, func(i int) []int {
			return noise.Stream(uint64(i), uint64(k), saliencyNoise).Perm(l.places())[:l.removed()]
		})
		if err != nil {
			return nil, err
		}
		f.Random += change / randomRemovals
	}
	f.Ratio = f.Removed / max(f.Random, 1e-9)
	for i := range l.samples.N {
		one := l.mapOf(l.maps, i)
		f.Again += rankCorrelation(one, l.mapOf(l.again, i)) / float64(l.samples.N)
		f.Shuffled += rankCorrelation(one, l.mapOf(l.shuffled, i)) / float64(l.samples.N)
	}
	return f, nil
}

// randomRemovals is the number of random choices of pixels.
const randomRemovals = 6

func (l *looking) places() int { return l.target.Shape[0] * l.target.Shape[1] }

func (l *looking) removed() int { return max(1, int(l.Share*float64(l.places()))) }

func (l *looking) mapOf(maps []float64, i int) []float64 {
	return maps[i*l.places() : (i+1)*l.places()]
}

// change is the mean absolute change of the logit when the chosen pixels of each sample are
// replaced by the mean of those around them.
func (l *looking) change(ctx context.Context, plain []float64, chosen func(sample int) []int) (float64, error) {
	pixels := l.samples.Column(data.Target)
	smoothed := data.NewColumn(pixels.Field, l.samples.N)
	copy(smoothed.Floats, pixels.Floats)
	for i := range l.samples.N {
		for _, place := range chosen(i) {
			blur(smoothed.Row(i), pixels.Row(i), l.target.Shape, place, blurReach)
		}
	}
	_, now, err := l.look(ctx, l.with(smoothed))
	if err != nil {
		return 0, err
	}
	sum := 0.
	for i := range now {
		sum += math.Abs(now[i] - plain[i])
	}
	return sum / float64(len(now)), nil
}

// blurReach is how far around a removed pixel the mean is taken.
const blurReach = 3

// blur sets a pixel of a picture of a shape [height, width, channels] to the mean of those around it.
func blur(to, from []float32, shape []int, place, reach int) {
	height, width, channels := shape[0], shape[1], shape[2]
	for c := range channels {
		sum, n := float32(0), float32(0)
		for y := max(0, place/width-reach); y <= min(height-1, place/width+reach); y++ {
			for x := max(0, place%width-reach); x <= min(width-1, place%width+reach); x++ {
				sum, n = sum+from[(y*width+x)*channels+c], n+1
			}
		}
		to[place*channels+c] = sum / n
	}
}

// rankCorrelation is Spearman's; ties count by their order.
func rankCorrelation(a, b []float64) float64 {
	ranks := func(x []float64) []float64 {
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
		out := make([]float64, len(x))
		for rank, i := range order {
			out[i] = float64(rank) - float64(len(x)-1)/2
		}
		return out
	}
	p, q := ranks(a), ranks(b)
	pq, pp := 0., 0.
	for i := range p {
		pq, pp = pq+p[i]*q[i], pp+p[i]*p[i]
	}
	return pq / max(pp, 1e-12)
}
