// Package metric measures what was generated against what is real: one metric a file.
package metric

import (
	"context"
	"errors"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/feature"
)

// Metrics lists the ways to score a model. The protocol is part of the name.
var Metrics = registry.New[Metric]("metric")

// ErrNotApplicable reports that the evaluation lacks what the metric needs.
var ErrNotApplicable = errors.New("not applicable")

// A Metric measures an Evaluation. Its exported fields are its settings.
type Metric interface {
	// Measure returns one or more scores, or an error that wraps
	// [ErrNotApplicable] and says what is missing.
	Measure(ctx context.Context, e *Evaluation) ([]Score, error)
}

// Draws is the number of independent draws that every score is measured on.
const Draws = 3

// An Evaluation is what a metric may measure. What it lacks is nil or empty.
// It remembers what was drawn and embedded, so that the metrics measured on one
// Evaluation share the work; one goroutine at a time may use it.
type Evaluation struct {
	// Spec is the contract of the samples.
	Spec data.Spec
	// Reals returns n different real examples of a part of the set, another
	// selection for another draw where the part has more than n; at most all.
	Reals func(split data.Split, n, draw int) (*data.Batch, error)
	// Fakes returns n generated examples, others for another draw.
	Fakes func(ctx context.Context, n, draw int) (*data.Batch, error)
	// Truths returns examples whose targets the fakes of a draw should be, in their order,
	// of models that draw by something: fake i by what example i modulo their number has.
	// Nil for other models.
	Truths func(n, draw int) (*data.Batch, error)
	// Embedder opens the space that features are compared in.
	Embedder func(name string) (feature.Embedder, error)
	// Space is the name of the space for metrics that leave it open.
	Space string
	// Judge returns the discriminator's logit on each example; nil if the
	// model has no discriminator.
	Judge func(ctx context.Context, b *data.Batch) ([]float64, error)
	// Likelihood returns, of each example, the mean of the negative logarithms of
	// its tokens' probabilities, in nats; nil if the model tells none.
	Likelihood func(ctx context.Context, b *data.Batch) ([]float64, error)
	// Teach trains the project's classifier on labelled examples, by nothing else and
	// on nothing else, and returns what it then takes samples for; nil if it can learn
	// no such samples.
	Teach func(ctx context.Context, examples *data.Batch, seed uint64) (Namer, error)
	// Layer opens the space of a classifier of the pictures in one channel of a stacked
	// set; nil for other sets.
	Layer func() (feature.Embedder, error)
	// Mixture is the true distribution of a toy set; nil for other sets.
	Mixture *Mixture

	memo memo
}

// A Namer returns the index of the class that it takes each example of a batch for.
type Namer func(ctx context.Context, b *data.Batch) ([]int, error)

// A Mixture is an equal mixture of round Gaussians.
type Mixture struct {
	Centres [][]float64
	Sigma   float64
}

// A Direction says which way a score gets better.
type Direction string

// The directions of scores.
const (
	Lower   Direction = "lower"
	Higher  Direction = "higher"
	Neither Direction = "" // a diagnostic
)

// A Score is one measured number with how it was measured.
type Score struct {
	Name  string  `json:"name"`  // letters, digits and _: it is part of file names
	Value float64 `json:"value"` // mean over the draws
	Unit  string  `json:"unit,omitempty"`
	// Deviation is the standard deviation over the draws.
	Deviation float64 `json:"deviation"`
	// Error is the standard error of the value by resampling fakes and test examples; 0 if
	// it was not measured.
	Error  float64   `json:"error,omitempty"`
	Draws  int       `json:"draws"`
	N      int       `json:"n"` // fakes a draw
	Better Direction `json:"better"`
	Space  string    `json:"space,omitempty"` // the embedder's name
	// Floor is the same measure of real training against real held-out examples, of the same size.
	Floor *float64 `json:"floor,omitempty"`
	// FloorDeviation is the standard deviation of the floor over the draws.
	FloorDeviation float64 `json:"floor_deviation,omitempty"`
	// Note is a caution that belongs beside the number.
	Note string `json:"note,omitempty"`
}
