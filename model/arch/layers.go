package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// The names of the normalisations.
const (
	noNorm       = "none"
	batchNorm    = "batch"
	spectralNorm = "spectral"
)

// leak is the negative slope of the leaky ReLUs of discriminators (Radford, Metz and
// Chintala 2015, arXiv:1511.06434).
const leak = 0.2

// layers are the layers of a network with a normalisation.
type layers struct {
	nn.Weighing
	norm func(s *model.Scope, x *graph.Node) *graph.Node
}

var (
	generatorNorms     = []string{noNorm, batchNorm}
	discriminatorNorms = []string{noNorm, spectralNorm}
)

// layersFor returns the layers of a normalisation, an error if it is not one of
// the allowed ones.
func layersFor(name string, allowed []string) (layers, error) {
	if !slices.Contains(allowed, name) {
		return layers{}, fmt.Errorf("no norm %q; there are %s", name, strings.Join(allowed, ", "))
	}
	l := layers{nn.Plain, unchanged}
	switch name {
	case batchNorm:
		l.norm = nn.BatchNorm
	case spectralNorm:
		l.Weighing = nn.Spectral
	}
	return l, nil
}

// hidden applies dense layers of these widths to x [batch, features], each with
// normalisation and activation: [batch, last width], or x itself if there are none. They are the
// first layers of the tap.
func (l layers) hidden(s *model.Scope, x *graph.Node, widths []int, rectify func(*graph.Node) *graph.Node, tap Tap) *graph.Node {
	for i, width := range widths {
		layer := s.In("hidden_%d", i)
		x = l.Dense(layer, x, width, nn.He(x.Shape().Dimensions[1]))
		x = tap.at(i, rectify(l.norm(layer, x))) // [batch, width]
	}
	return x
}

// leaky is the activation of discriminators.
func leaky(x *graph.Node) *graph.Node { return nn.LeakyRelu(x, leak) }

func checkHidden(widths []int) error {
	for _, w := range widths {
		if w < 1 || w > 1<<16 {
			return fmt.Errorf("want a width of 1 to 65536, got %d", w)
		}
	}
	return nil
}

func unchanged(_ *model.Scope, x *graph.Node) *graph.Node { return x }
