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
	layerNorm    = "layer"
	groupNorm    = "group"
	instanceNorm = "instance"
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
	discriminatorNorms = []string{noNorm, layerNorm, spectralNorm}
	// Those of networks with channels.
	judgingNorms = append(slices.Clip(discriminatorNorms), groupNorm, instanceNorm)
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
	case layerNorm:
		l.norm = nn.LayerNorm
	case groupNorm:
		l.norm = inGroups(groupsOf)
	case instanceNorm:
		l.norm = inGroups(func(channels int) int { return channels })
	case spectralNorm:
		l.Weighing = nn.Spectral
	}
	return l, nil
}

// inGroups normalises channels in so many groups (Wu and He 2018, arXiv:1803.08494), each
// alone in as many groups as there are channels (Ulyanov et al. 2016, arXiv:1607.08022).
// Dense layers have no pixels, and are normalised as a whole.
func inGroups(groups func(channels int) int) func(s *model.Scope, x *graph.Node) *graph.Node {
	return func(s *model.Scope, x *graph.Node) *graph.Node {
		if x.Rank() == 2 {
			return nn.LayerNorm(s, x)
		}
		return nn.GroupNorm(s, x, nil, groups(x.Shape().Dim(3)))
	}
}

// groupsOf is how many groups channels are normalised in: of 8 where that divides them,
// or else of as many as does.
func groupsOf(channels int) int {
	size := 8
	for channels%size != 0 {
		size /= 2
	}
	return channels / size
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
