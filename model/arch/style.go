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
	Generators.Add("style", "a style for each layer, pictures of 16 to 256 pixels a side (Karras et al. 2019, arXiv:1912.04958)", func() GeneratorArch {
		return &StyleGenerator{Width: 16, Limit: 128, Patch: 1, Code: 64, Mapping: 2, MappingRate: 0.1}
	})
}

// rectified is the gain that keeps the variance through rectifiers.
const rectified = math.Sqrt2

// StyleGenerator maps latents to codes, and doubles a small picture until it has the size
// of the target; each layer is scaled by the code that it is given. The small picture is
// drawn from the first code: from a constant, as in the paper, the few channels of a narrow
// network vary too little. Its weights are equalised ([nn.Equalised]).
type StyleGenerator struct {
	Width       int     `help:"channels at the size of the picture; each half of that size has twice as many"`
	Limit       int     `help:"most channels of a layer"`
	Code        int     `help:"width of the codes"`
	Mapping     int     `help:"dense layers from latent to code"`
	MappingRate float64 `help:"learning rate of these layers, relative to that of the others"`
	Patch       int     `help:"pixels a side of the squares that networks see as one, 1 or 2; with 2 there are no layers at the size of the picture, which take most of the time"`
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
	return &styled{a, levels, spec.Target(), len(spec.ClassNames())}, nil
}

func (a *StyleGenerator) check() error {
	switch {
	case a.Code < 1 || a.Code > 4096:
		return fmt.Errorf("code %d is not in 1..4096; usual is 64", a.Code)
	case a.Mapping < 1 || a.Mapping > 16:
		return fmt.Errorf("mapping %d is not in 1..16; usual is 2", a.Mapping)
	case !(a.MappingRate > 0 && a.MappingRate <= 1):
		return fmt.Errorf("mapping_rate %g is not above 0 and at most 1; usual is 0.1", a.MappingRate)
	}
	return nil
}

// styled is a StyleGenerator that knows its data.
type styled struct {
	*StyleGenerator
	levels  []level
	target  data.Field
	classes int
}

// layers is how many codes a sample has: two for each size.
func (m *styled) layers() int { return 2 * len(m.levels) }

// Codes implements [Generator]: the same code for each layer.
func (m *styled) Codes(s *model.Scope, z *graph.Node, told Conditions) *graph.Node {
	x := ofLength(z)
	if y := told.Class(); y != nil {
		class := nn.Equalised(1).Embedding(s.In("class"), y, m.classes, z.Shape().Dimensions[1], 1, z)
		x = graph.Concatenate([]*graph.Node{x, ofLength(class)}, 1) // [batch, 2·latent]
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

// A drawing is the state of one pass from codes to samples: how many layers are done.
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

// layer is a modulated convolution of x to the size and channels of a level, twice
// those of x if up, with bias and rectifier.
func (d *drawing) layer(x *graph.Node, l level, up bool) *graph.Node {
	s := d.scope.In("layer_%d", d.done)
	x = nn.ModulatedConv(s, x, d.code(d.done), l.channels, up, rectified)
	d.done++
	return leaky(nn.Bias(s, x))
}

// ofLength scales the rows of x [batch, width] to a mean square of 1.
func ofLength(x *graph.Node) *graph.Node {
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, 1) // [batch, 1]
	return graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, 1e-8))))
}
