package family

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// An Invertible model finds codes from which samples are drawn that are near a given
// one.
type Invertible interface {
	// Inverter inverts with the weights in the store. While it works it keeps variables
	// of its own in there.
	Inverter(compute.Backend, *model.Store) (Inverter, error)
}

// An Inverter looks for a code of the one example of given, which has a target: it
// takes the codes of the seeds and conditions, and what the model's encoder says if it is
// [Encoding], and moves the best of them towards it. Tell is told how much is done.
type Inverter func(ctx context.Context, given *data.Batch, seeds []uint64, conditions *data.Batch, tell func(done, total int)) (*Inverse, error)

// An Inverse is a code that was found.
type Inverse struct {
	// Codes is a batch of one: the code.
	Codes *data.Batch
	// Start is that of the best seed, from which nothing was moved yet.
	Start *data.Batch
	// Seed is the best seed.
	Seed uint64
	// Guess is what the encoder says, of the class that suits best; nil if there is none.
	Guess *data.Batch
}
