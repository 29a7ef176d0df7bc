// Package family holds the kinds of generative model: which networks each has,
// how they learn and how samples are drawn. One family a file.
package family

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/train"
)

// Families lists the kinds of model that a run can train.
var Families = registry.New[Family]("model")

// A Family is a kind of model. Its exported fields are its settings.
type Family interface {
	// Model readies the family for data of the spec, or says why it cannot
	// learn such data.
	Model(data.Spec) (Model, error)
}

// A Model is a family that knows its data.
type Model interface {
	// Stages says how the model learns.
	Stages() []train.Stage
}

// A Generative model draws samples.
type Generative interface {
	// Sampler draws with the weights in the store.
	Sampler(compute.Backend, *model.Store) (Sampler, error)
}

// A Judging model tells real samples from generated ones.
type Judging interface {
	// Judge judges with the weights in the store.
	Judge(compute.Backend, *model.Store) (Judge, error)
}

// A Sampler draws one sample for each seed. Conditions is a batch of as many
// rows with the columns that the model is conditioned on, such as
// [data.Label]; nil draws them from the seeds. Sample i depends on seed i and
// row i alone. Samples come in the order of their seeds, each a batch of one.
type Sampler func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error]

// A Conditioned model draws by pictures or other Items, and cannot without.
type Conditioned interface {
	// Needs names the columns that its conditions must have.
	Needs() []string
}

// A Judge returns the discriminator's logit on each example of a batch; a high
// logit means real.
type Judge func(ctx context.Context, b *data.Batch) ([]float64, error)

// A Naming model names the class of samples.
type Naming interface {
	// Namer names by the weights in the store.
	Namer(compute.Backend, *model.Store) (Namer, error)
}

// A Namer returns the index of the likeliest class of each example of a batch.
type Namer func(ctx context.Context, b *data.Batch) ([]int, error)

// An Encoding model knows the codes that given examples are drawn from, near enough: it
// is [Steerable].
type Encoding interface {
	// Encoder encodes with the weights in the store.
	Encoder(compute.Backend, *model.Store) (Encoder, error)
}

// An Encoder returns, of the examples of a batch, all that [Steering.Samples] draws
// samples near them from: a row for each example, which depends on it alone. A model
// that is conditioned on classes takes them from the batch.
type Encoder func(ctx context.Context, b *data.Batch) (*data.Batch, error)

// A Writing model continues texts.
type Writing interface {
	// Writer continues with the weights in the store.
	Writer(compute.Backend, *model.Store) (*Writer, error)
}

// A Likely model tells how probable examples are.
type Likely interface {
	// Likelihood tells by the weights in the store.
	Likelihood(compute.Backend, *model.Store) (Likelihood, error)
}

// A Likelihood returns of each example of a batch the mean of the negative
// logarithms of its tokens' probabilities, in nats a token; the first token, which
// nothing stands before, does not count.
type Likelihood func(ctx context.Context, b *data.Batch) ([]float64, error)

// What a keyed stream of random numbers is used for.
const (
	latentNoise = iota + 1
	mixNoise
	classNoise
	tokenNoise
	sampleNoise
	_ // of a penalty that is gone: the other streams stay what they were
	augmentNoise
	timeNoise
	dropNoise
)

// within refuses a setting outside 1 to most; a most of math.MaxInt is none.
func within(key string, value, most int) error {
	switch {
	case value < 1 && most == math.MaxInt:
		return registry.Unfit(key, fmt.Sprintf("want at least 1, got %d", value))
	case value < 1 || value > most:
		return registry.Unfit(key, fmt.Sprintf("want 1 to %d, got %d", most, value))
	}
	return nil
}
