package family

import (
	"context"
	"iter"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// Code is the column of the codes that samples are drawn from, [layers, width] each.
const Code = "code"

// A Steerable model draws samples in two steps, codes from seeds and samples from
// codes, so that codes can be changed in between.
type Steerable interface {
	// Steering samples with the weights in the store.
	Steering(compute.Backend, *model.Store) (*Steering, error)
}

// A Layered model has codes of several layers, from coarse to fine.
type Layered interface {
	Steerable
	// Layered reports whether there is more than one.
	Layered() bool
}

// Layered implements [Layered].
func (m *drawer) Layered() bool { return !m.direct() }

// A Steering draws samples from codes that a caller may change.
type Steering struct {
	// Codes returns a batch with the column [Code] and, for class-conditional models, the
	// classes: a row per seed. Row i depends only on seed i and row i of the conditions.
	Codes func(ctx context.Context, seeds []uint64, conditions *data.Batch) (*data.Batch, error)
	// Samples draws a sample per row of such a batch, each a batch of one.
	Samples func(ctx context.Context, codes *data.Batch) iter.Seq2[*data.Batch, error]
	// Centre returns the mean code of a class, [layers, width], or of all codes if the
	// model is unconditional.
	Centre func(ctx context.Context, class int) ([]float32, error)
	// Layers is the number of layers of a code, from coarse to fine; 1 if it is not layered.
	Layers int
	// Latent reports whether codes are the standard normal latents, which concentrate near a
	// sphere.
	Latent bool
}

// Truncate pulls codes towards the centre of their class: psi 0 gives the centre, psi 1
// leaves them unchanged. Smaller psi makes samples more typical and less varied
// (Karras et al. 2018, arXiv:1812.04948, section B).
func (s *Steering) Truncate(ctx context.Context, codes *data.Batch, psi float64) error {
	if psi == 1 {
		return nil // exact
	}
	centres, err := s.centres(ctx, codes)
	if err != nil {
		return err
	}
	all := codes.Column(Code).Floats
	for k, centre := range centres {
		all[k] = float32(float64(centre) + psi*float64(all[k]-centre))
	}
	return nil
}

// centres returns the centre of the class of each code of a batch, [batch, layers, width].
func (s *Steering) centres(ctx context.Context, codes *data.Batch) ([]float32, error) {
	labels := codes.Column(data.Label)
	out := make([]float32, 0, len(codes.Column(Code).Floats))
	for i := range codes.N {
		class := 0
		if labels != nil {
			class = int(labels.Ints[i])
		}
		centre, err := s.Centre(ctx, class)
		if err != nil {
			return nil, err
		}
		out = append(out, centre...)
	}
	return out, nil
}

// Sampler draws samples with a steering, at most AtOnce at once, from codes truncated by
// psi; 1 is no truncation.
func (s *Steering) Sampler(psi float64) Sampler {
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for from := 0; from < len(seeds); from += AtOnce {
				to := min(from+AtOnce, len(seeds))
				codes, err := s.Codes(ctx, seeds[from:to], rows(conditions, from, to))
				if err == nil {
					err = s.Truncate(ctx, codes, psi)
				}
				if err != nil {
					yield(nil, err)
					return
				}
				for b, err := range s.Samples(ctx, codes) {
					if !yield(b, err) {
						return
					}
				}
			}
		}
	}
}

// oneByOne implements [Steering.Samples] with a function that draws at most AtOnce
// samples at once.
func oneByOne(draw func(context.Context, *data.Batch) (*data.Batch, error)) func(context.Context, *data.Batch) iter.Seq2[*data.Batch, error] {
	return func(ctx context.Context, codes *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for from := 0; from < codes.N; from += AtOnce {
				b, err := draw(ctx, codes.Rows(from, min(from+AtOnce, codes.N)))
				if err != nil {
					yield(nil, err)
					return
				}
				for i := range b.N {
					if err := ctx.Err(); err != nil { // what is done with each may take long
						yield(nil, err)
						return
					}
					if !yield(b.Rows(i, i+1), nil) {
						return
					}
				}
			}
		}
	}
}
