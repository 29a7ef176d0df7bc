package app

import (
	"context"
	"runtime"
	"sync"

	"github.com/gomlx/compute"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/vectors"
	"atelier/model/feature"
	"atelier/model/run"
)

// A space is where pictures are compared.
type space interface {
	// name identifies the space and its weights.
	name() string
	width() int
	nearness() vectors.Nearness
	// pixels are the numbers of a picture that are embedded; an error is about the file.
	pixels(file []byte) ([]float32, error)
	// embed maps pictures, their pixels one after another, to rows of vectors.
	embed(ctx context.Context, pixels []float32) ([]float32, error)
}

// pairSpace is that of a pair.
type pairSpace struct{ *run.Pairing }

func (s pairSpace) name() string                          { return s.Space }
func (s pairSpace) width() int                            { return s.Width }
func (s pairSpace) nearness() vectors.Nearness            { return vectors.Product }
func (s pairSpace) pixels(file []byte) ([]float32, error) { return s.Picture(file) }
func (s pairSpace) embed(ctx context.Context, pixels []float32) ([]float32, error) {
	return s.Pictures(ctx, pixels)
}

// looksSide is the side in pixels of pictures that are compared by their looks.
const looksSide = 32

// looks is the space of random convolutions, which needs no weights.
type looks struct {
	feature.Embedder
	codec *codec.Image
	spec  data.Spec
	wide  int
}

func newLooks(backend compute.Backend) (*looks, error) {
	image, err := codec.NewImage(looksSide, 3)
	if err != nil {
		return nil, err
	}
	s := &looks{codec: image}
	if s.spec, err = image.Spec(nil); err != nil {
		return nil, err
	}
	random, err := feature.Spaces.New(byLooks)
	if err != nil {
		return nil, err
	}
	if s.Embedder, err = random.Open(backend, feature.Set{Spec: s.spec}); err != nil {
		return nil, err
	}
	one, err := s.embed(context.Background(), make([]float32, s.spec.Target().Size()))
	s.wide = len(one)
	return s, err
}

func (s *looks) name() string               { return s.Name() }
func (s *looks) width() int                 { return s.wide }
func (s *looks) nearness() vectors.Nearness { return vectors.Distance }

func (s *looks) pixels(file []byte) ([]float32, error) {
	b := data.NewBatch(s.spec, 1)
	err := s.codec.Encode(data.ExampleOf(data.Item{Bytes: file}), b, 0)
	return b.Column(data.Target).Floats, badinput.Mark(err)
}

func (s *looks) embed(ctx context.Context, pixels []float32) ([]float32, error) {
	points, err := s.Embed(ctx, &data.Column{Field: s.spec.Target(), Floats: pixels})
	out := make([]float32, len(points.Features))
	for i, v := range points.Features {
		out[i] = float32(v)
	}
	return out, err
}

// embedOne embeds a picture that was handed in.
func embedOne(ctx context.Context, in space, f File) ([]float32, error) {
	pixels, err := in.pixels(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", f.Name, err)
	}
	return in.embed(ctx, pixels)
}

// embedAll embeds pictures on all cores. Where one cannot be read, its error is set and its vector
// is missing.
func embedAll(ctx context.Context, in space, files [][]byte) (rows [][]float32, faults []error, err error) {
	pixels, faults := make([][]float32, len(files)), make([]error, len(files))
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(files) && ctx.Err() == nil; i += workers {
				pixels[i], faults[i] = in.pixels(files[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	var all []float32
	for i, p := range pixels {
		if faults[i] == nil {
			all = append(all, p...)
		}
	}
	flat, err := in.embed(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	rows = make([][]float32, len(files))
	for i := range files {
		if faults[i] == nil {
			rows[i], flat = flat[:in.width():in.width()], flat[in.width():]
		}
	}
	return rows, faults, nil
}
