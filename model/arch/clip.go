package arch

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/nn"
)

func init() {
	Generators.Add("clip", "clips from a content code and a motion path, frame by frame (MoCoGAN: Tulyakov et al. 2017, arXiv:1707.04993)",
		func() GeneratorArch {
			return &ClipGenerator{Motion: 16, Frame: registry.Choose[GeneratorArch]("dcgan")}
		})
	Discriminators.Add("clip", "one network for single frames and one for whole clips (MoCoGAN: Tulyakov et al. 2017, arXiv:1707.04993)",
		func() DiscriminatorArch { return &ClipDiscriminator{Width: 16, Stills: 2, Norm: noNorm} })
}

// graphShape is the shape of n numbers of the type of x.
func graphShape(x *graph.Node, n int) shapes.Shape { return shapes.Make(x.DType(), n) }

// checkClip reports a target that is no clip.
func checkClip(f data.Field) error {
	if f.Kind != data.Frames || len(f.Shape) != 4 {
		return fmt.Errorf("it is for clips, not %v; the codec clip reads such", f)
	}
	return nil
}

// framesOf is the spec of single frames of clips.
func framesOf(spec data.Spec) data.Spec {
	var out data.Spec
	for _, f := range spec.Fields {
		if f.Name == data.Target {
			f = f.Frame()
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// ClipGenerator draws all frames of a clip with one generator of pictures. Half of the latent is the
// content, the same in all frames; a recurrent network (GRU) walks a path with the other half, a
// point for each frame.
type ClipGenerator struct {
	Motion int                            `help:"width of a point of the motion path, 1 to 512"`
	Frame  registry.Choice[GeneratorArch] `help:"generator of a frame"`
}

// Generator implements [GeneratorArch].
func (a *ClipGenerator) Generator(spec data.Spec) (Generator, error) {
	if err := checkClip(spec.Target()); err != nil {
		return nil, fmt.Errorf("generator clip: %w", err)
	}
	if a.Motion < 1 || a.Motion > 512 {
		return nil, fmt.Errorf("generator clip: want a motion of 1 to 512, got %d", a.Motion)
	}
	frame, err := GeneratorOf(a.Frame, framesOf(spec))
	return &clipGenerator{a, frame, spec.Target()}, err
}

// clipGenerator is a ClipGenerator for a data spec.
type clipGenerator struct {
	*ClipGenerator
	frame  Generator
	target data.Field
}

// Codes implements [Generator]: the layers are the content, and what drives the motion.
func (g *clipGenerator) Codes(_ *model.Scope, z *graph.Node, _ Conditions) *graph.Node {
	n, width := z.Shape().Dim(0), z.Shape().Dim(1)/2
	return graph.Reshape(graph.Slice(z, graph.AxisRange(), graph.AxisRange(0, 2*width)), n, 2, width) // [batch, 2, latent/2]
}

// Samples implements [Generator].
func (g *clipGenerator) Samples(s *model.Scope, codes *graph.Node, told Conditions) *graph.Node {
	n, frames := codes.Shape().Dim(0), g.target.Shape[0]
	half := func(i int) *graph.Node { // [batch, latent/2]
		return graph.Squeeze(graph.Slice(codes, graph.AxisRange(), graph.AxisElem(i)), 1)
	}
	repeat := func(x *graph.Node) *graph.Node { // [batch·frames, width] of [batch, width]
		width := x.Shape().Dim(1)
		return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(x, 1), n, frames, width), n*frames, width)
	}
	z := graph.Concatenate([]*graph.Node{repeat(half(0)), g.path(s.In("path"), half(1))}, 1) // [batch·frames, latent/2 + motion]
	var each Conditions
	if y := told.Class(); y != nil {
		each = OfClass(graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(y, 1), n, frames), n*frames))
	}
	one := s.In("frame")
	x := g.frame.Samples(one, g.frame.Codes(one, z, each), each) // [batch·frames, height, width, channels]
	return graph.Reshape(x, batched(codes, g.target)...)
}

// path walks a path from what drives it [batch, width]: [batch·frames, motion] (GRU: Cho et al. 2014,
// arXiv:1406.1078).
func (g *clipGenerator) path(s *model.Scope, drive *graph.Node) *graph.Node {
	n, frames, m := drive.Shape().Dim(0), g.target.Shape[0], g.Motion
	in := nn.Dense(s.In("drive"), drive, frames*m, nn.Fan(drive.Shape().Dim(1)))        // [batch, frames·motion]
	in = nn.Dense(s.In("input"), graph.Reshape(in, n*frames, m), 3*m, nn.Fan(m))        // [batch·frames, 3·motion]
	in = graph.Reshape(in, n, frames, 3*m)                                              //
	gates := nn.Weight(s, "gates", nn.Fan(m), drive.DType(), m, 2*m).NodeValue(drive)   // update and reset
	state := nn.Weight(s, "candidate", nn.Fan(m), drive.DType(), m, m).NodeValue(drive) //
	h := graph.Tanh(nn.Dense(s.In("start"), drive, m, nn.Fan(drive.Shape().Dim(1))))    // [batch, motion]
	part := func(x *graph.Node, i, j int) *graph.Node {
		return graph.Slice(x, graph.AxisRange(), graph.AxisRange(i*m, j*m))
	}
	all := make([]*graph.Node, frames)
	for t := range frames {
		x := graph.Squeeze(graph.Slice(in, graph.AxisRange(), graph.AxisElem(t)), 1) // [batch, 3·motion]
		both := graph.Sigmoid(graph.Add(part(x, 0, 2), nn.LinearWith(h, gates)))     // [batch, 2·motion]
		update, reset := part(both, 0, 1), part(both, 1, 2)
		next := graph.Tanh(graph.Add(part(x, 2, 3), nn.LinearWith(graph.Mul(reset, h), state)))
		h = graph.Add(h, graph.Mul(update, graph.Sub(next, h)))
		all[t] = graph.InsertAxes(h, 1)
	}
	return graph.Reshape(graph.Concatenate(all, 1), n*frames, m)
}

// ClipDiscriminator judges some frames of a clip by themselves, evenly apart, and the clip as a
// whole, whose frames are the channels of a picture. Its logits are two columns.
type ClipDiscriminator struct {
	Width  int    `help:"channels of the first layer of both networks, 1 to 1024; doubled with each further layer"`
	Stills int    `help:"number of frames that are judged by themselves, from 1 up"`
	Norm   string `help:"normalisation of the weights: none or spectral"`
}

// Discriminator implements [DiscriminatorArch].
func (a *ClipDiscriminator) Discriminator(spec data.Spec) (Discriminator, error) {
	target := spec.Target()
	if err := checkClip(target); err != nil {
		return nil, fmt.Errorf("discriminator clip: %w", err)
	}
	levels, err := pyramid(target.Frame(), a.Width, a.Width<<3, 1)
	if err != nil {
		return nil, fmt.Errorf("discriminator clip: %w", err)
	}
	l, err := layersFor(a.Norm, discriminatorNorms)
	if err != nil {
		return nil, fmt.Errorf("discriminator clip: %w", err)
	}
	if a.Stills < 1 || a.Stills > target.Shape[0] {
		return nil, fmt.Errorf("discriminator clip: want 1 to %d frames that are judged by themselves, as many as a clip has, got %d stills", target.Shape[0], a.Stills)
	}
	m := &clipDiscriminator{a, l, levels, numbersOf(spec)}
	return m.judgeClip, nil
}

// clipDiscriminator is a ClipDiscriminator for a data spec.
type clipDiscriminator struct {
	*ClipDiscriminator
	layers
	levels []level // the smallest first
	numbers
}

// judgeClip is a [Discriminator].
func (m *clipDiscriminator) judgeClip(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node) {
	d := x.Shape().Dimensions
	var stills []*graph.Node
	for i := range m.Stills {
		last := (i + 1) * d[1] / m.Stills // of each part of the clip, the end shows most
		stills = append(stills, Split(x, last-1, last)...)
	}
	ofStills, ofClip := s.In("stills"), s.In("clip")
	single := m.seen(ofStills, graph.Concatenate(stills, 0))              // [stills·batch, features]
	single = graph.Reshape(single, m.Stills, d[0], single.Shape().Dim(1)) // [stills, batch, features]
	of := graph.ReduceMean(single, 0)                                     // [batch, features]
	whole := m.seen(ofClip, graph.Concatenate(Split(x, 0, d[1]), -1))
	logits = graph.Concatenate([]*graph.Node{
		m.judge(ofStills, of, told, m.numbers), m.judge(ofClip, whole, told, m.numbers),
	}, 1) // [batch, 2]
	return graph.Concatenate([]*graph.Node{of, whole}, 1), logits
}

// seen maps pictures x [batch, height, width, channels] to features [batch, features].
func (m *clipDiscriminator) seen(s *model.Scope, x *graph.Node) *graph.Node {
	k := nn.Kernel{Size: 4, Stride: 2, Padding: 1}
	for i := len(m.levels) - 1; i > 0; i-- {
		in := x.Shape().Dim(-1)
		x = leaky(m.Conv(s.In("conv_%d", i), x, m.levels[i-1].channels, k, nn.He(16*in))) // [batch, side, side, channels]
	}
	return graph.Reshape(x, x.Shape().Dim(0), -1)
}
