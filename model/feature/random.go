package feature

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"atelier/data"
	"atelier/internal/noise"
)

func init() {
	Spaces.Add("random", "mean and deviation of fixed random convolutions at three scales, for unlabelled pictures; never compare with published FID (Naeem 2020, arXiv:2002.09797, on random embeddings)",
		func() Space { return random{} })
}

// random has no settings, so that its numbers are comparable. Vectors are their own features.
type random struct{}

// The random network: three 3×3 convolutions of stride 2 with ReLUs.
const (
	randomSeed = 20020979
	kernelSide = 3
)

var randomChannels = []int{16, 32, 64}

func (random) Open(backend compute.Backend, set Set) (Embedder, error) {
	f := set.Spec.Target()
	if f.Kind == data.Vector {
		return identity{}.Open(backend, set)
	}
	if f.Kind != data.Pixels || len(f.Shape) != 3 || f.Size() == 0 {
		return nil, fmt.Errorf("feature space random: it embeds pictures, not %v", f)
	}
	return newRandom(f, randomChannels)
}

// newRandom is a random network of so many channels at each level.
func newRandom(f data.Field, channels []int) (*randomEmbedder, error) {
	e := &randomEmbedder{field: f}
	in, hash := f.Shape[2], sha256.New()
	for level, out := range channels {
		fan := kernelSide * kernelSide * in
		weight := make([]float32, fan*out)
		noise.Normals(weight, randomSeed, uint64(level), uint64(in))
		for i := range weight {
			weight[i] *= float32(math.Sqrt(2 / float64(fan)))
		}
		if err := binary.Write(hash, binary.LittleEndian, weight); err != nil {
			return nil, err
		}
		e.kernels = append(e.kernels, blas32.General{Rows: fan, Cols: out, Stride: out, Data: weight})
		e.width += 2 * out
		in = out
	}
	e.name = "random@" + hex.EncodeToString(hash.Sum(nil)[:4])
	return e, nil
}

type randomEmbedder struct {
	field   data.Field
	name    string
	kernels []blas32.General // [9*channels in, channels out] of each level
	width   int
}

func (e *randomEmbedder) Name() string { return e.name }

// Embed embeds each picture independently.
func (e *randomEmbedder) Embed(ctx context.Context, samples *data.Column) (Points, error) {
	if err := sameShape(e.field, samples); err != nil {
		return Points{}, err
	}
	n := rows(samples)
	p := Points{N: n, Width: e.width, Features: make([]float64, n*e.width)}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				e.see(samples.Row(i), p.Row(i))
			}
		})
	}
	wg.Wait()
	return p, ctx.Err()
}

// see writes the features [width] of one picture [height, width, channels].
func (e *randomEmbedder) see(pixels []float32, features []float64) {
	h, w := e.field.Shape[0], e.field.Shape[1]
	x := pixels
	for _, kernel := range e.kernels {
		patches := strided(x, h, w, kernel.Rows/(kernelSide*kernelSide))
		h, w = (h+1)/2, (w+1)/2
		y := blas32.General{Rows: h * w, Cols: kernel.Cols, Stride: kernel.Cols, Data: make([]float32, h*w*kernel.Cols)}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, patches, kernel, 0, y)
		for i, v := range y.Data {
			y.Data[i] = max(v, 0)
		}
		pool(y, features[:2*y.Cols])
		features, x = features[2*y.Cols:], y.Data
	}
}

// strided returns the 3×3 patches of x [h, w, c] around every second pixel, [h/2*w/2, 9*c],
// zero-padded.
func strided(x []float32, h, w, c int) blas32.General {
	rows, cols := (h+1)/2*((w+1)/2), kernelSide*kernelSide*c
	out := make([]float32, rows*cols)
	at := 0
	for cy := 0; cy < h; cy += 2 {
		for cx := 0; cx < w; cx += 2 {
			for y := cy - 1; y <= cy+1; y++ {
				for px := cx - 1; px <= cx+1; px++ {
					if y >= 0 && y < h && px >= 0 && px < w {
						copy(out[at:at+c], x[(y*w+px)*c:])
					}
					at += c
				}
			}
		}
	}
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: out}
}

// pool writes mean and standard deviation over positions of each channel of y [positions, channels]
// to out [2*channels].
func pool(y blas32.General, out []float64) {
	means, deviations := out[:y.Cols], out[y.Cols:]
	for i, v := range y.Data {
		means[i%y.Cols] += float64(v) / float64(y.Rows)
	}
	for i, v := range y.Data {
		d := float64(v) - means[i%y.Cols]
		deviations[i%y.Cols] += d * d / float64(y.Rows)
	}
	for c := range deviations {
		deviations[c] = math.Sqrt(deviations[c])
	}
}
