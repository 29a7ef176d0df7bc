package family

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// An Invertible model finds codes whose samples are close to a given one.
type Invertible interface {
	// Inverter inverts with the weights in the store, where it keeps variables of its own
	// while it works.
	Inverter(compute.Backend, *model.Store) (Inverter, error)
}

// An Inverter searches for a code of the one example of given, which has a target: it starts from
// the best codes of the seeds and conditions and, if the model is [Encoding], the encoder's, and
// optimises them. tell receives progress.
type Inverter func(ctx context.Context, given *data.Batch, seeds []uint64, conditions *data.Batch, tell func(done, total int)) (*Inverse, error)

// An Inverse is the result of an inversion.
type Inverse struct {
	// Codes is a batch of one: the code.
	Codes *data.Batch
	// Start is the code of the best seed, before optimisation.
	Start *data.Batch
	// Seed is the best seed.
	Seed uint64
	// Guess is the encoder's code, for the best class; nil without an encoder.
	Guess *data.Batch
}
