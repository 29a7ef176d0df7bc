// Package feature implements the feature spaces in which generated and real samples are compared:
// one per file.
package feature

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// Spaces is the registry of feature spaces.
var Spaces = registry.New[Space]("feature space")

// ErrNoWeights means that a space has no weights for the given data: they must first be trained or
// imported.
var ErrNoWeights = errors.New("no weights for this data")

// A Space embeds samples as points. Its exported fields are its settings.
type Space interface {
	// Open prepares the space for samples of the set. Without weights for such samples it returns
	// an error that wraps [ErrNoWeights].
	Open(backend compute.Backend, set Set) (Embedder, error)
}

// A Set describes the samples to be embedded.
type Set struct {
	// Name is the known name of the set, such as "fashion"; empty if it has none.
	Name string
	// Hash is the hash of the training examples; empty if unknown.
	Hash string
	// Spec is the spec of the samples.
	Spec data.Spec
	// Home is the folder below which added weights are kept.
	Home string
	// Weights is the path of a classifier's weights trained on the set; empty if there are none.
	Weights string
	// Network is the classifier that the weights belong to; nil if there is none.
	Network Network
}

// A Network is a classifier: it maps samples x [batch, shape of the target...] to features [batch,
// width] and class logits [batch, classes], with the variables in the store.
type Network func(store *model.Store, x *graph.Node) (features, logits *graph.Node)

// An Embedder maps samples to points of a space.
type Embedder interface {
	// Name identifies the space: its kind and the hash of its weights.
	Name() string
	// Embed maps the samples of a target column; the result for a sample does not depend on the
	// others.
	Embed(ctx context.Context, samples *data.Column) (Points, error)
}

// Points are embedded samples, row-major.
type Points struct {
	N, Width int
	// Features is [N, Width].
	Features []float64
	// Probabilities is [N, classes] if the space is that of a classifier, else nil.
	Probabilities []float64
}

// Row returns the features of sample i.
func (p Points) Row(i int) []float64 { return p.Features[i*p.Width : (i+1)*p.Width] }

// rows is the number of samples in a column of floats.
func rows(samples *data.Column) int { return len(samples.Floats) / samples.Field.Size() }

// sameShape returns an error unless the samples have the shape that the space was opened for.
func sameShape(f data.Field, samples *data.Column) error {
	if samples.Field.Kind != f.Kind || !slices.Equal(samples.Field.Shape, f.Shape) {
		return fmt.Errorf("the space was opened for %v, the samples are %v", f, samples.Field)
	}
	return nil
}
