package arch

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

func init() {
	Generators.Add("style", "style-based: a code for each layer, for pictures of 16 to 256 pixels (Karras et al. 2019, arXiv:1912.04958)", func() GeneratorArch {
		return &StyleGenerator{Width: 16, Limit: 128, Patch: 1, Code: 64, Mapping: 2, MappingRate: 0.1}
	})
}

// rectified is the gain that preserves the variance through leaky ReLUs.
const rectified = math.Sqrt2

// StyleGenerator maps latents to codes, and upsamples a small feature map to the size of the
// target; each layer is modulated by its code. The small feature map comes from the first
// code: from a constant, as in the paper, the few channels of a narrow network vary too
// little. Weights are equalised ([nn.Equalised]).
type StyleGenerator struct {
	Width       int     `help:"channels at full resolution; doubled each time the resolution is halved"`
	Limit       int     `help:"largest number of channels in a layer"`
	Code        int     `help:"width of w, the intermediate latent"`
	Mapping     int     `help:"dense layers of the mapping network, from z to w"`
	MappingRate float64 `help:"learning rate of the mapping network, relative to the rest"`
	Patch       int     `help:"patch size, 1 or 2: with 2 the network works on 2×2 blocks of pixels and skips the full-resolution layers, which take most of the time"`
}

// Generator implements [GeneratorArch].
func (a *StyleGenerator) Generator(spec data.Spec) (Generator, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, a.Patch)
	if err == nil {
		err = a.check()
	}
	if err != nil {
		return nil, fmt.Errorf("generator style: %w", err)
	}
	return &styled{StyleGenerator: a, levels: levels, target: spec.Target(), numbers: numbersOf(spec)}, nil
}

func (a *StyleGenerator) check() error {
	switch {
	case a.Code < 1 || a.Code > 4096:
		return fmt.Errorf("want a code width of 1 to 4096, got %d; 64 is usual", a.Code)
	case a.Mapping < 1 || a.Mapping > 16:
		return fmt.Errorf("want 1 to 16 mapping layers, got %d; 2 are usual", a.Mapping)
	case !(a.MappingRate > 0 && a.MappingRate <= 1):
		return fmt.Errorf("want a mapping_rate above 0 and at most 1, got %g; 0.1 is usual", a.MappingRate)
	}
	return nil
}

// styled is a StyleGenerator for a data spec.
type styled struct {
	*StyleGenerator
	levels []level
	target data.Field
	numbers
	tap Tap
}

// Tapped implements [Tappable].
func (m *styled) Tapped(tap Tap) Generator {
	own := *m
	own.tap = tap
	return &own
}

// Projections implements [Projecting]: the affine maps of all layers.
func (m *styled) Projections() []Projection {
	all := []Projection{{"base/weight", 0}}
	for i := range 2*len(m.levels) - 1 {
		all = append(all, Projection{fmt.Sprintf("layer_%d/style/weight", i), i})
	}
	for i := range m.levels {
		all = append(all, Projection{fmt.Sprintf("pixels_%d/style/weight", i), 2*i + 1})
	}
	return all
}

// layers is the number of codes of a sample: two per resolution.
func (m *styled) layers() int { return 2 * len(m.levels) }

// Codes implements [Generator]: the same code for each layer.
func (m *styled) Codes(s *model.Scope, z *graph.Node, told Conditions) *graph.Node {
	x := ofLength(z)
	if y := told.Class(); y != nil {
		class := nn.Equalised(1).Embedding(s.In("class"), y, m.classes, z.Shape().Dimensions[1], 1, z)
		x = graph.Concatenate([]*graph.Node{x, ofLength(class)}, 1) // [batch, 2·latent]
	}
	if words := told.Words(); words != nil {
		caption := ofWords(nn.Equalised(1), s.In("words"), words, m.words, m.Code, 1, z)
		x = graph.Concatenate([]*graph.Node{x, ofLength(caption)}, 1) // [batch, width + code]
	}
	for i := range m.Mapping {
		layer := s.In("mapping_%d", i)
		in := x.Shape().Dimensions[1]
		x = nn.LinearWith(x, nn.Equalised(m.MappingRate)(layer, x, "weight", nn.He(in), x.DType(), in, m.Code))
		bias := nn.Filled(layer, "bias", 0, x.DType(), m.Code).NodeValue(x)
		x = leaky(graph.Add(x, graph.InsertAxes(graph.MulScalar(bias, m.MappingRate), 0))) // [batch, code]
	}
	return graph.BroadcastToDims(graph.InsertAxes(x, 1), x.Shape().Dimensions[0], m.layers(), m.Code)
}

// Samples implements [Generator].
func (m *styled) Samples(s *model.Scope, codes *graph.Node, _ Conditions) *graph.Node {
	d := &drawing{styled: m, scope: s, codes: codes}
	top := m.levels[0]
	x := nn.Equalised(1).Dense(s.In("base"), d.code(0), top.height*top.width*top.channels, nn.He(m.Code))
	x = graph.Reshape(leaky(x), -1, top.height, top.width, top.channels) // [batch, height, width, channels]
	var picture *graph.Node
	for i, l := range m.levels {
		if i > 0 {
			x = d.layer(x, l, true)
			picture = nn.Enlarge(picture)
		}
		x = d.layer(x, l, false) // [batch, height, width, channels]
		up := m.Patch == 2 && i == len(m.levels)-1
		part := nn.ModulatedPixels(s.In("pixels_%d", i), x, d.code(d.done), m.target.Shape[2], up)
		if up {
			picture = nn.Enlarge(picture)
		}
		if picture != nil {
			part = graph.Add(picture, part)
		}
		picture = part // [batch, height, width, channels of the target]
	}
	return intoRange(picture, m.target)
}

// A drawing is the state of one pass from codes to samples: the number of layers done.
type drawing struct {
	*styled
	scope *model.Scope
	codes *graph.Node
	done  int
}

// code returns the code of the layer with that index [batch, code].
func (d *drawing) code(layer int) *graph.Node {
	return graph.Squeeze(graph.Slice(d.codes, graph.AxisRange(), graph.AxisElem(layer)), 1)
}

// layer is a modulated convolution of x to the size and channels of a level, with doubled
// sides if up, bias and activation.
func (d *drawing) layer(x *graph.Node, l level, up bool) *graph.Node {
	s := d.scope.In("layer_%d", d.done)
	x = nn.ModulatedConv(s, x, d.code(d.done), l.channels, up, rectified)
	x = d.tap.at(d.done, leaky(nn.Bias(s, x)))
	d.done++
	return x
}

// ofLength scales the rows of x [batch, width] to a mean square of 1.
func ofLength(x *graph.Node) *graph.Node {
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, 1) // [batch, 1]
	return graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, 1e-8))))
}
