// Package feature holds the feature spaces in which generated and real samples
// are compared: one a file.
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

// Spaces lists the feature spaces that a metric can be measured in.
var Spaces = registry.New[Space]("feature space")

// ErrNoWeights reports that a space has no weights for the data at hand: they
// must first be trained or imported.
var ErrNoWeights = errors.New("no weights for this data")

// A Space is a way to see samples as points. Its exported fields are its settings.
type Space interface {
	// Open readies the space for samples of the set. Without weights for such
	// samples it returns an error that wraps [ErrNoWeights].
	Open(backend compute.Backend, set Set) (Embedder, error)
}

// A Set says what is to be embedded.
type Set struct {
	// Name is the name by which people know the set, such as "fashion"; empty if it has none.
	Name string
	// Hash is that of the training examples; empty if unknown.
	Hash string
	// Spec is the contract of the samples.
	Spec data.Spec
	// Weights is the path of a classifier's weights trained on the set; empty if there are none.
	Weights string
	// Network is the classifier that the weights belong to; nil if there is none.
	Network Network
}

// A Network is a classifier: it maps samples x [batch, shape of the target...]
// to features [batch, width] and class logits [batch, classes], with the
// variables of the store.
type Network func(store *model.Store, x *graph.Node) (features, logits *graph.Node)

// An Embedder maps samples to points of a space.
type Embedder interface {
	// Name says exactly which space this is: its kind and the hash of its weights.
	Name() string
	// Embed maps the samples of a target column, the same numbers for a sample
	// whatever stands beside it.
	Embed(ctx context.Context, samples *data.Column) (Points, error)
}

// Points are samples seen in a feature space, row-major.
type Points struct {
	N, Width int
	// Features is [N, Width].
	Features []float64
	// Probabilities is [N, classes] if the space is a classifier's, else nil.
	Probabilities []float64
}

// Row returns the features of sample i.
func (p Points) Row(i int) []float64 { return p.Features[i*p.Width : (i+1)*p.Width] }

// rows is the count of samples in a column of floats.
func rows(samples *data.Column) int { return len(samples.Floats) / samples.Field.Size() }

// sameShape returns an error unless the samples are what the space was opened for.
func sameShape(f data.Field, samples *data.Column) error {
	if samples.Field.Kind != f.Kind || !slices.Equal(samples.Field.Shape, f.Shape) {
		return fmt.Errorf("the space was opened for %v, the samples are %v", f, samples.Field)
	}
	return nil
}
