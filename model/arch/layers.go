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

// leak is the slope of discriminators' rectifiers below 0 (Radford, Metz and
// Chintala 2015, arXiv:1511.06434).
const leak = 0.2

// layers are the layers that a network is made of: they differ by how the
// network is normalised.
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

// hidden puts x [batch, features] through dense layers of these widths, each
// normalised and rectified: [batch, last width], or x itself if there are none.
func (l layers) hidden(s *model.Scope, x *graph.Node, widths []int, rectify func(*graph.Node) *graph.Node) *graph.Node {
	for i, width := range widths {
		layer := s.In("hidden_%d", i)
		x = l.Dense(layer, x, width, nn.He(x.Shape().Dimensions[1]))
		x = rectify(l.norm(layer, x)) // [batch, width]
	}
	return x
}

// leaky is the rectifier of discriminators.
func leaky(x *graph.Node) *graph.Node { return nn.LeakyRelu(x, leak) }

func checkHidden(widths []int) error {
	for _, w := range widths {
		if w < 1 || w > 1<<16 {
			return fmt.Errorf("width %d is not in 1..65536", w)
		}
	}
	return nil
}

func unchanged(_ *model.Scope, x *graph.Node) *graph.Node { return x }
