package feature

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/internal/badinput"
	"atelier/model/nn"
	"atelier/model/pixelnet"
	"atelier/model/ported"
	"atelier/model/weights"
)

// EmbeddedPerception is the perception that needs no weights but those of the program: the first
// layers of the classifier of emoji.
const EmbeddedPerception = "emoji"

// A Perception is a network by whose inner layers the content and the style of pictures are compared
// (Gatys, Ecker and Bethge 2015, arXiv:1508.06576).
type Perception struct {
	Name string
	// Layers maps pictures x [batch, height, width, 3] of values from 0 to 255 to feature maps
	// [batch, height', width', channels], the finest first.
	Layers func(x *graph.Node) []*graph.Node
	// Content is the index of the layer by which contents are compared.
	Content int
}

// NewPerception opens a perception by its name: [EmbeddedPerception], or the weights of a network of
// features such as nsfwjs-inception.
func NewPerception(home, name string) (*Perception, error) {
	if name == EmbeddedPerception {
		return emojiPerception()
	}
	n, err := pixelnet.Find(home, name)
	if err != nil {
		return nil, err
	}
	if n.Does != pixelnet.Embed || len(n.Perception) == 0 {
		return nil, badinput.Errorf("%s is a %s, which is to %s: want a network of features such as nsfwjs-inception, or %s", name, n.Title, n.Does, EmbeddedPerception)
	}
	return &Perception{Name: name, Content: len(n.Perception) - 2, Layers: func(x *graph.Node) []*graph.Node {
		return ported.Build(n.Network(), graph.MulScalar(x, n.Range/255), n.Perception...)
	}}, nil
}

const emojiLayers = 3

// emojiPerception are the convolutions of the embedded classifier at three sizes of the picture: they see 15 pixels
// at most, and four times as many of a quarter of it.
func emojiPerception() (*Perception, error) {
	_, content, err := Embedded(EmbeddedPerception)
	if err != nil {
		return nil, err
	}
	file, err := weights.Read(EmbeddedPerception, content)
	if err != nil {
		return nil, err
	}
	var kernels, biases []*tensors.Tensor
	for i := range emojiLayers {
		for name, list := range map[string]*[]*tensors.Tensor{"weight": &kernels, "bias": &biases} {
			t, err := file.Tensor(nil, fmt.Sprintf("classifier/conv_%d/%s", i, name))
			if err != nil {
				return nil, err
			}
			*list = append(*list, t)
		}
	}
	return &Perception{Name: EmbeddedPerception, Content: 2*emojiLayers - 1, Layers: func(x *graph.Node) (all []*graph.Node) {
		g := x.Graph()
		x = graph.AddScalar(graph.MulScalar(x, 1/127.5), -1)
		for scale := range 3 {
			if scale > 0 {
				x = nn.MeanPool(x, nn.Kernel{Size: 2, Stride: 2}) // [batch, height/2, width/2, 3]
			}
			y := x
			for i := range emojiLayers {
				y = nn.ConvWith(y, graph.ConstTensor(g, kernels[i]), nn.Kernel{Size: 3, Stride: 2, Padding: 1}) // [batch, height/2, width/2, channels]
				y = nn.Relu(graph.Add(y, graph.Reshape(graph.ConstTensor(g, biases[i]), 1, 1, 1, -1)))
				all = append(all, y)
			}
		}
		return all
	}}, nil
}

// A Manner is the style of pictures by one layer: the means of channels [batch, channels] and how they vary
// together [batch, channels, channels].
type Manner struct{ Means, Covariances *graph.Node }

// MannerOf is the manner of a feature map x [batch, height, width, channels].
func MannerOf(x *graph.Node) Manner {
	d := x.Shape().Dimensions
	rows := graph.Reshape(x, d[0], d[1]*d[2], d[3])
	means := graph.ReduceAndKeep(rows, graph.ReduceMean, 1) // [batch, 1, channels]
	centred := graph.Sub(rows, means)
	return Manner{graph.Reshape(means, d[0], d[3]), graph.DivScalar(graph.Einsum("bnc,bnd->bcd", centred, centred), float64(d[1]*d[2]))} // [batch, channels, channels]
}

// Distance is how far a manner is from another, a scalar: squares of the differences of means and of
// covariances (Li et al. 2017, arXiv:1701.01036), each relative to the sum of the squares of both, so that
// no picture and no layer counts for more than others: at most 2 each.
func (m Manner) Distance(to Manner) *graph.Node {
	relative := func(a, b *graph.Node) *graph.Node {
		sum := func(x *graph.Node) *graph.Node {
			return graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, axesAfterBatch(x)...)
		}
		size := graph.AddScalar(graph.Add(sum(a), sum(b)), 1e-12)
		return graph.ReduceAllMean(graph.Div(sum(graph.Sub(a, b)), size))
	}
	return graph.Add(relative(m.Means, to.Means), relative(m.Covariances, to.Covariances))
}

func axesAfterBatch(x *graph.Node) (axes []int) {
	for a := 1; a < x.Rank(); a++ {
		axes = append(axes, a)
	}
	return axes
}
