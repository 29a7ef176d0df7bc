// Package family holds the kinds of generative model: their networks, training and
// sampling. One family per file.
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
	"atelier/model/language"
	"atelier/model/pixelnet"
	"atelier/model/train"
)

// Families registers the kinds of model that a run can train.
var Families = registry.New[Family]("model")

// A Family is a kind of model. Its exported fields are its settings.
type Family interface {
	// Model returns a model for data of the spec, or an error if the family cannot
	// learn such data.
	Model(data.Spec) (Model, error)
}

// A Model is a family configured for a data spec.
type Model interface {
	// Stages returns the training stages of the model.
	Stages() []train.Stage
}

// A Generative model draws samples.
type Generative interface {
	// Sampler samples with the weights in the store.
	Sampler(compute.Backend, *model.Store) (Sampler, error)
}

// A Judging model has a discriminator.
type Judging interface {
	// Judge judges with the weights in the store.
	Judge(compute.Backend, *model.Store) (Judge, error)
}

// A Sampler draws one sample per seed. Conditions is a batch with a row per seed and the
// columns that the model is conditioned on, such as [data.Label]; nil draws them from the
// seeds. Sample i depends only on seed i and row i. Samples come in the order of the
// seeds, each a batch of one.
type Sampler func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error]

// A Conditioned model needs pictures or other Items as conditions.
type Conditioned interface {
	// Needs names the required columns of its conditions.
	Needs() []string
}

// A Judge returns the discriminator's logit on each example of a batch; a high
// logit means real.
type Judge func(ctx context.Context, b *data.Batch) ([]float64, error)

// A Predictive model predicts the class of samples.
type Predictive interface {
	// Predictor predicts with the weights in the store.
	Predictor(compute.Backend, *model.Store) (Predictor, error)
}

// A Predictor returns the index of the likeliest class of each example of a batch.
type Predictor func(ctx context.Context, b *data.Batch) ([]int, error)

// An Encoding model has an encoder, which maps examples to approximate codes. It is
// [Steerable].
type Encoding interface {
	// Encoder encodes with the weights in the store.
	Encoder(compute.Backend, *model.Store) (Encoder, error)
}

// An Encoder returns for each example of a batch a row from which [Steering.Samples]
// reconstructs it. The row depends on that example alone. A class-conditional model takes
// the classes from the batch.
type Encoder func(ctx context.Context, b *data.Batch) (*data.Batch, error)

// A Settling family reads what else it needs before it trains, such as files and weights below the
// home folder.
type Settling interface {
	// Settle reads it; errors name the setting.
	Settle(home string) error
}

// A Painting model paints pictures of any size.
type Painting interface {
	// Painter is its network with the weights in the store.
	Painter(*model.Store) (*pixelnet.Net, error)
}

// A Writing model continues texts.
type Writing interface {
	// Decoder writes with the weights in the store.
	Decoder(*model.Store, language.Kernels) (*language.Model, error)
	// Writer returns a writer by the model's own distribution.
	Writer(*language.Model) *language.Writer
	// Control is the control token that a text of a class begins with, a class drawn from the
	// seed if it is -1; none unless the model is class-conditional.
	Control(class int, seed uint64) []int32
	// Texts samples texts of the length of an example, without a prompt, of any class unless one is
	// given.
	Texts(*language.Model) Sampler
}

// A Likely model computes the likelihood of examples.
type Likely interface {
	// Likelihood uses the weights in the store.
	Likelihood(compute.Backend, *model.Store) (Likelihood, error)
}

// A Likelihood returns for each example of a batch the mean negative log-likelihood of its
// tokens, in nats per token, without the first token, which has no context.
type Likelihood func(ctx context.Context, b *data.Batch) ([]float64, error)

// Keys of the streams of random numbers, by use.
const (
	latentNoise = iota + 1
	mixNoise
	classNoise
	_ // [language.TokenNoise]
	sampleNoise
	_ // of a penalty that is gone: the other streams stay what they were
	augmentNoise
	timeNoise
	dropNoise
	dropoutNoise
	rolloutNoise
	directionNoise
	shuffleNoise
	captionNoise
)

// within refuses a setting outside 1 to most; math.MaxInt means no upper limit.
func within(key string, value, most int) error {
	switch {
	case value < 1 && most == math.MaxInt:
		return registry.Unfit(key, fmt.Sprintf("want at least 1, got %d", value))
	case value < 1 || value > most:
		return registry.Unfit(key, fmt.Sprintf("want 1 to %d, got %d", most, value))
	}
	return nil
}
