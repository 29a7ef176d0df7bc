package pixelnet

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/graphs"
	"atelier/model/ported"
)

// Planes are a picture as numbers, row-major, [height, width, channels].
type Planes struct {
	Width, Height, Channels int
	Values                  []float32
}

// The sizes, in pixels, up to which a picture is drawn whole by a network with instance norms, and of
// the tiles of a larger one.
const (
	mostWhole = 1 << 20
	tileSide  = 512
	compiled  = 4 // graphs that are kept
)

// A Runner runs a network on a backend. Close it.
type Runner struct {
	*Net
	Whole        int // pixels up to which a picture is drawn whole
	store        *model.Store
	whole, tiled *graphs.Cache
}

// NewRunner prepares a network for a backend.
func NewRunner(backend compute.Backend, n *Net) *Runner {
	store := model.NewStore()
	return &Runner{Net: n, Whole: mostWhole, store: store,
		whole: graphs.New(backend, store, compiled, func(_ *model.Scope, x *graph.Node) []*graph.Node {
			if n.network != nil {
				return ported.Build(n.network, x)
			}
			out, statistics := n.build(x, nil)
			if statistics == nil {
				return []*graph.Node{out}
			}
			return []*graph.Node{out, statistics}
		}),
		tiled: graphs.New(backend, store, compiled, func(_ *model.Scope, x, given *graph.Node) *graph.Node {
			out, _ := n.build(x, given)
			return out
		}),
	}
}

// Close frees the graphs.
func (r *Runner) Close() {
	r.whole.Finalize()
	r.tiled.Finalize()
}

// Apply runs the network on a picture, until ctx ends. A large one is drawn in tiles that overlap by
// what makes a difference, for a network with instance norms one of more than Whole pixels: these
// norms take the statistics of a reduced copy of the whole picture, so that tiles fit without a
// seam; reduce makes one of a size.
func (r *Runner) Apply(ctx context.Context, p *Planes, reduce func(width, height int) *Planes, progress func(done, total int)) (*Planes, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	whole := r.Whole
	if !r.normed() { // tiles change nothing, and one is soon done when ctx ends
		whole = min(whole, tileSide*tileSide)
	}
	if p.Width*p.Height <= whole {
		out, _, err := r.drawn(p, nil)
		return out, err
	}
	var statistics *tensors.Tensor
	if r.normed() {
		width, height := p.Width, p.Height
		for width*height > r.Whole {
			width, height = (width*4+4)/5, (height*4+4)/5
		}
		var err error
		if _, statistics, err = r.drawn(reduce(width, height), nil); err != nil {
			return nil, err
		}
	} else {
		statistics = tensors.FromFlatDataAndDimensions([]float32{0}, 1) // unused
	}
	return r.inTiles(ctx, p, statistics, progress)
}

func (r *Runner) normed() bool { return len(r.Layers) > 0 && r.Layers[0].Scale != "" }

// Draw runs a network that enlarges, or finds a mask, on a picture or a part of one.
func (r *Runner) Draw(p *Planes) (*Planes, error) {
	all, err := r.whole.Call(tensors.FromFlatDataAndDimensions(p.Values, 1, p.Height, p.Width, p.Channels))
	if err != nil {
		return nil, err
	}
	values, err := tensors.CopyFlatData[float32](all[0])
	d := all[0].Shape().Dimensions
	return &Planes{d[2], d[1], d[3], values}, err
}

// inTiles draws a picture tile by tile.
func (r *Runner) inTiles(ctx context.Context, p *Planes, statistics *tensors.Tensor, progress func(done, total int)) (*Planes, error) {
	out := &Planes{p.Width, p.Height, p.Channels, make([]float32, len(p.Values))}
	margin := (r.Margin + r.Multiple - 1) / r.Multiple * r.Multiple
	core := tileSide - 2*margin
	columns, rows := (p.Width+core-1)/core, (p.Height+core-1)/core
	for t := range columns * rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(t, columns*rows)
		}
		left, top := t%columns*core, t/columns*core
		// At the edges the tile begins or ends with the picture, whose padding is then its own.
		x0, y0 := max(0, min(left-margin, (p.Width-tileSide)/r.Multiple*r.Multiple)), max(0, min(top-margin, (p.Height-tileSide)/r.Multiple*r.Multiple))
		x1, y1 := min(x0+tileSide, p.Width), min(y0+tileSide, p.Height)
		if left+core >= p.Width {
			x1 = p.Width
		}
		if top+core >= p.Height {
			y1 = p.Height
		}
		drawn, _, err := r.drawn(p.part(x0, y0, x1, y1), statistics)
		if err != nil {
			return nil, err
		}
		for y := top; y < min(top+core, p.Height); y++ {
			n := min(left+core, p.Width) - left
			copy(out.Values[(y*p.Width+left)*p.Channels:][:n*p.Channels], drawn.Values[((y-y0)*drawn.Width+left-x0)*p.Channels:])
		}
	}
	return out, nil
}

// part is a part of a picture.
func (p *Planes) part(x0, y0, x1, y1 int) *Planes {
	out := &Planes{x1 - x0, y1 - y0, p.Channels, make([]float32, 0, (x1-x0)*(y1-y0)*p.Channels)}
	for y := y0; y < y1; y++ {
		out.Values = append(out.Values, p.Values[(y*p.Width+x0)*p.Channels:(y*p.Width+x1)*p.Channels]...)
	}
	return out
}

// padded is a picture with sides that are multiples of a number: its last row and column go on.
func (p *Planes) padded(multiple int) *Planes {
	width, height := (p.Width+multiple-1)/multiple*multiple, (p.Height+multiple-1)/multiple*multiple
	if width == p.Width && height == p.Height {
		return p
	}
	out := &Planes{width, height, p.Channels, make([]float32, width*height*p.Channels)}
	for y := range height {
		for x := range width {
			from := (min(y, p.Height-1)*p.Width + min(x, p.Width-1)) * p.Channels
			copy(out.Values[(y*width+x)*p.Channels:][:p.Channels], p.Values[from:])
		}
	}
	return out
}

// drawn runs the graph on a picture; statistics are those of another, or nil.
func (r *Runner) drawn(p *Planes, statistics *tensors.Tensor) (*Planes, *tensors.Tensor, error) {
	full := p.padded(r.Multiple)
	x := tensors.FromFlatDataAndDimensions(full.Values, 1, full.Height, full.Width, full.Channels)
	var all []*tensors.Tensor
	var err error
	if statistics == nil {
		all, err = r.whole.Call(x)
	} else {
		all, err = r.tiled.Call(x, statistics)
	}
	if err != nil {
		return nil, nil, err
	}
	values, err := tensors.CopyFlatData[float32](all[0])
	if err != nil {
		return nil, nil, err
	}
	out := (&Planes{full.Width, full.Height, full.Channels, values}).part(0, 0, p.Width, p.Height)
	if len(all) > 1 {
		return out, all[1], nil
	}
	return out, nil, nil
}
