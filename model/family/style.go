package family

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/image/draw"
	"image"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/internal/tensorfile"
	"atelier/model/feature"
	"atelier/model/pixelnet"
	"atelier/model/train"
)

func init() {
	Families.Add("style", "a network that paints any picture like one picture, trained by the features of another network (Johnson et al. 2016, arXiv:1603.08155)",
		func() Family {
			return &Style{
				Width: 16, Blocks: 3, Features: feature.EmbeddedPerception, Strength: 30, Content: 1, Smooth: 1,
				Optimizer: train.NewAdam(3e-3, 0.9, 0.999),
			}
		})
}

// Style paints pictures like one picture.
type Style struct {
	Like      string                           `help:"file of the picture whose style is learned"`
	LikeHash  string                           `help:"SHA-256 of that file; if empty, it is filled in"`
	Detail    int                              `help:"length in pixels of the shorter side that the picture is reduced to, 32 to 1024; 0 is the size of the photos"`
	Features  string                           `help:"network by whose features style and content are compared: emoji (embedded), or the name of added weights such as nsfwjs-inception"`
	Strength  float64                          `help:"weight of the style: distance of means and covariances of features, 0 to 4"`
	Content   float64                          `help:"weight of the content: distance of features from those of the photo, relative to their variance"`
	Smooth    float64                          `help:"weight of smoothness: mean square of the differences of neighbouring pixels, of values from 0 to 1"`
	Width     int                              `help:"channels of the first layer, 4 to 64; the inner layers have four times as many"`
	Blocks    int                              `help:"residual blocks, 1 to 8"`
	Optimizer registry.Choice[train.Optimizer] `help:"optimizer"`

	perception *feature.Perception
	example    *image.NRGBA
}

// Check reports a setting that is out of range.
func (f *Style) Check() error {
	switch {
	case f.Width < 4 || f.Width > 64:
		return registry.Unfit("width", fmt.Sprintf("want 4 to 64, got %d", f.Width))
	case f.Blocks < 1 || f.Blocks > 8:
		return registry.Unfit("blocks", fmt.Sprintf("want 1 to 8, got %d", f.Blocks))
	case f.Detail != 0 && (f.Detail < 32 || f.Detail > 1024):
		return registry.Unfit("detail", fmt.Sprintf("want 32 to 1024 pixels, or 0, got %d", f.Detail))
	}
	for key, v := range map[string]float64{"strength": f.Strength, "content": f.Content, "smooth": f.Smooth} {
		if !(v >= 0 && v <= 1e6) {
			return registry.Unfit(key, fmt.Sprintf("want at least 0, got %g", v))
		}
	}
	return nil
}

// painterScope is that of the network's variables.
const painterScope = "painter"

// Settle implements [Settling]: it reads the picture whose style is learned, and opens the network of
// features.
func (f *Style) Settle(home string) (err error) {
	const most = 256 << 20
	if f.Like == "" {
		return badinput.Errorf("model.like: want the file of the picture whose style is learned, such as model.like=painting.jpg")
	}
	b, err := durable.ReadFile(f.Like, most)
	if err != nil {
		return badinput.Errorf("model.like: %w", err)
	}
	sum := sha256.Sum256(b)
	hash := hex.EncodeToString(sum[:])
	if f.LikeHash != "" && f.LikeHash != hash {
		return badinput.Errorf("model.like: %s is not the picture that this run learns: it has the hash %s, and not %s", f.Like, hash, f.LikeHash)
	}
	f.LikeHash = hash
	whole, err := picture.OpenWhole(b)
	if err != nil {
		return badinput.Errorf("model.like: %s: %w", f.Like, err)
	}
	if f.perception, err = feature.NewPerception(home, f.Features); err != nil {
		return badinput.Errorf("model.features: %w", err)
	}
	f.example = whole.Pixels
	return nil
}

// Model implements [Family].
func (f *Style) Model(spec data.Spec) (Model, error) {
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("style %w", err)
	}
	t := spec.Target()
	if t.Kind != data.Pixels || len(t.Shape) != 3 || t.Shape[2] != 3 || t.Shape[0]%8 != 0 || t.Shape[0] < 32 {
		return nil, badinput.Errorf("a style is learned on colour pictures whose side is a multiple of 8 of at least 32 pixels, but the data is %s; set codec={use=\"image\", size=128, channels=3}", spec)
	}
	return &style{f, spec, pixelnet.NewPainter(f.Width, f.Blocks)}, nil
}

// style is a Style for a data spec.
type style struct {
	*Style
	spec    data.Spec
	painter *pixelnet.Painter
}

// Stages implements [Model].
func (m *style) Stages() []train.Stage {
	return []train.Stage{{Name: "style", Phases: []train.Phase{{
		Name: "style", Moves: []string{painterScope}, Optimizer: m.Optimizer.Value, Loss: m.loss,
	}}}}
}

// loss is the weighted sum of the distances of style and content and of the roughness.
func (m *style) loss(in *train.Inputs) *graph.Node {
	x := graph.MulScalar(graph.AddScalar(in.Column(data.Target), 1), 127.5) // [batch, side, side, 3], 0 to 255
	painted := m.painter.Paint(in.Store.Scope(painterScope), x)
	if m.perception == nil { // of a run that is only planned
		return graph.ReduceAllMean(graph.Square(graph.Sub(painted, x)))
	}
	got, kept, want := m.perception.Layers(painted), m.perception.Layers(x), m.perception.Layers(m.exampleNode(x.Graph()))
	var manner *graph.Node
	for i := range got {
		d := feature.MannerOf(got[i]).Distance(feature.MannerOf(graph.StopGradient(want[i])))
		if manner == nil {
			manner = d
			continue
		}
		manner = graph.Add(manner, d)
	}
	manner = graph.DivScalar(manner, float64(len(got)))
	content := graph.StopGradient(kept[m.perception.Content])
	spread := graph.AddScalar(graph.ReduceAllMean(graph.Square(graph.Sub(content, graph.ReduceAndKeep(content, graph.ReduceMean, 1, 2)))), 1e-8)
	away := graph.Div(graph.ReduceAllMean(graph.Square(graph.Sub(got[m.perception.Content], content))), spread)
	rough := roughness(graph.MulScalar(painted, 1./255))
	in.Report("style", manner)
	in.Report("content", away)
	in.Report("roughness", rough)
	return graph.Add(graph.Add(graph.MulScalar(manner, m.Strength), graph.MulScalar(away, m.Content)), graph.MulScalar(rough, m.Smooth))
}

// roughness is the mean square of the differences of neighbours of x [batch, height, width, channels].
func roughness(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	all := graph.AxisRange()
	across := graph.Sub(graph.Slice(x, all, all, graph.AxisRange(1, d[2])), graph.Slice(x, all, all, graph.AxisRange(0, d[2]-1)))
	down := graph.Sub(graph.Slice(x, all, graph.AxisRange(1, d[1])), graph.Slice(x, all, graph.AxisRange(0, d[1]-1)))
	return graph.Add(graph.ReduceAllMean(graph.Square(across)), graph.ReduceAllMean(graph.Square(down)))
}

// exampleNode is the picture whose style is learned [1, height, width, 3], reduced, 0 to 255.
func (m *style) exampleNode(g *graph.Graph) *graph.Node {
	side, size := m.Detail, m.example.Rect.Size()
	if side == 0 {
		side = m.spec.Target().Shape[0]
	}
	scale := float64(side) / float64(min(size.X, size.Y))
	const multiple = 8 // so that it can be halved
	to := image.Pt(max(multiple, int(float64(size.X)*scale)/multiple*multiple), max(multiple, int(float64(size.Y)*scale)/multiple*multiple))
	small := image.NewNRGBA(image.Rectangle{Max: to})
	draw.CatmullRom.Scale(small, small.Rect, m.example, m.example.Rect, draw.Src, nil)
	values := make([]float32, 0, 3*to.X*to.Y)
	for i := 0; i < len(small.Pix); i += 4 {
		values = append(values, float32(small.Pix[i]), float32(small.Pix[i+1]), float32(small.Pix[i+2]))
	}
	return graph.ConstTensor(g, tensors.FromFlatDataAndDimensions(values, 1, to.Y, to.X, 3))
}

// Painter implements [Painting].
func (m *style) Painter(store *model.Store) (*pixelnet.Net, error) {
	set := tensorfile.Set{}
	for _, l := range m.painter.Layers {
		for _, name := range []string{l.Kernel, l.Scale, l.Shift} {
			v := store.GetVariable("/" + painterScope + "/" + name)
			if v == nil {
				return nil, fmt.Errorf("the weights have no %s", name)
			}
			value, err := v.Value()
			if err != nil {
				return nil, err
			}
			numbers, err := tensors.CopyFlatData[float32](value)
			if err != nil {
				return nil, err
			}
			set[name] = tensorfile.Tensor{Shape: value.Shape().Dimensions, Values: numbers}
		}
	}
	return m.painter.Net(set)
}
