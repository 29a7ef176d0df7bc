// Package metric scores generated examples against real ones, one metric per file.
package metric

import (
	"context"
	"errors"
	"iter"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/feature"
)

// Metrics registers the metrics. The protocol is part of the name.
var Metrics = registry.New[Metric]("metric")

// ErrNotApplicable reports that the evaluation lacks what the metric needs.
var ErrNotApplicable = errors.New("not applicable")

// A Metric scores an Evaluation. Its exported fields are its settings.
type Metric interface {
	// Measure returns one or more scores, or an error that wraps
	// [ErrNotApplicable] and says what is missing.
	Measure(ctx context.Context, e *Evaluation) ([]Score, error)
}

// A Selector is a metric with scores by which the best checkpoint can be chosen.
type Selector interface {
	Metric
	// SelectionScores returns the names of these scores, before anything is measured.
	SelectionScores() []string
}

// Draws is the number of independent draws that every score is measured on.
const Draws = 3

// An Evaluation is the input of metrics. What is not available is nil or empty. It caches
// draws and embeddings, so that metrics on one Evaluation share the work; only one
// goroutine at a time may use it.
type Evaluation struct {
	// Spec is the spec of the samples.
	Spec data.Spec
	// Reals returns n distinct real examples of a part of the set, or all if there are
	// fewer; the selection differs between draws.
	Reals func(split data.Split, n, draw int) (*data.Batch, error)
	// Fakes returns n generated examples, different for each draw.
	Fakes func(ctx context.Context, n, draw int) (*data.Batch, error)
	// Have is the number of existing generated examples; 0 if any number can be generated.
	Have int
	// Truths returns examples whose targets the fakes of a draw should reproduce, in order, for
	// models with conditions: fake i belongs to example i modulo their number. Nil for other
	// models.
	Truths func(n, draw int) (*data.Batch, error)
	// Embedder opens the space in which features are compared.
	Embedder func(name string) (feature.Embedder, error)
	// Space is the name of the default space.
	Space string
	// Judge returns the discriminator's logit on each example; nil if the
	// model has no discriminator.
	Judge func(ctx context.Context, b *data.Batch) ([]float64, error)
	// Likelihood returns for each example the mean negative log-likelihood of its tokens, in
	// nats; nil if the model has none.
	Likelihood func(ctx context.Context, b *data.Batch) ([]float64, error)
	// Text returns the text of some tokens; nil if the examples are not texts.
	Text func(tokens []int32) (string, error)
	// Given yields the texts to be measured, whole, like Training; nil if the examples are those of
	// a model, or not texts.
	Given func() iter.Seq2[string, error]
	// Training yields the training texts, in pieces of any length, with an empty piece between two
	// texts. Nil if the examples are not texts.
	Training func() iter.Seq2[string, error]
	// Changed says that the real examples are others than the model learned from, so that no copies
	// can be found.
	Changed bool
	// Teach trains the project's classifier on labelled examples only, and returns its
	// predictor; nil if it cannot learn such samples.
	Teach func(ctx context.Context, examples *data.Batch, seed uint64) (Predictor, error)
	// Layer opens the space of a classifier of the pictures in one channel of a stacked
	// set; nil for other sets.
	Layer func() (feature.Embedder, error)
	// Mixture is the true distribution of a toy set; nil for other sets.
	Mixture *Mixture

	memo memo
}

// A Predictor returns the index of the class that it predicts for each example of a batch.
type Predictor func(ctx context.Context, b *data.Batch) ([]int, error)

// A Mixture is an equal mixture of isotropic Gaussians.
type Mixture struct {
	Centres [][]float64
	Sigma   float64
}

// A Direction says whether higher or lower scores are better.
type Direction string

// The directions of scores.
const (
	Lower   Direction = "lower"
	Higher  Direction = "higher"
	Neither Direction = "" // a diagnostic
)

// A Score is a measured number and how it was measured.
type Score struct {
	Name  string  `json:"name"`  // letters, digits and _: it is part of file names
	Value float64 `json:"value"` // mean over the draws
	// TooFew reports that there were too few examples: the value is meaningless, and the note says
	// how many are needed.
	TooFew bool   `json:"too_few,omitempty"`
	Unit   string `json:"unit,omitempty"`
	// Deviation is the standard deviation over the draws.
	Deviation float64 `json:"deviation"`
	// Error is the standard error of the value by resampling fakes and test examples; 0 if
	// it was not measured.
	Error  float64   `json:"error,omitempty"`
	Draws  int       `json:"draws"`
	N      int       `json:"n"` // fakes per draw
	Better Direction `json:"better"`
	Space  string    `json:"space,omitempty"` // the embedder's name
	// Floor is the score of real training against real held-out examples, of the same size.
	Floor *float64 `json:"floor,omitempty"`
	// FloorDeviation is the standard deviation of the floor over the draws.
	FloorDeviation float64 `json:"floor_deviation,omitempty"`
	// Note is a caution about the number.
	Note string `json:"note,omitempty"`
}
