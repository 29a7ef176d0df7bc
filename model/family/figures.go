package family

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"sync"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/figures"
	"atelier/model/nn"
	"atelier/model/train"
)

func init() {
	Families.Add("figures", "the next frames of clips of a few figures before a plain ground: a search takes the given frames apart into figures that move as wholes (Wang and Adelson 1994, doi:10.1109/83.334981), a network learns where each goes",
		func() Family {
			return &Figures{
				Given: 4, Ahead: 5, Reach: 3, Count: 2, Width: 128, EMA: 0.99,
				Optimizer: train.NewAdam(2e-3, 0.9, 0.99),
			}
		})
}

// Figures learns the next frames of clips by where figures go. They are found in the given frames and
// followed in those ahead, which is what the network learns from: from the last velocities of a
// figure and its extent, how far it goes until each frame ahead. Its look stays what it is.
type Figures struct {
	Given     int                              `help:"number of frames that the next ones are predicted from, 2 to 32"`
	Ahead     int                              `help:"number of frames that are predicted at once, 1 to 32; more are predicted from these"`
	Reach     int                              `help:"how far something moves from one frame to the next at most, 1 to 8 pixels along each axis"`
	Count     int                              `help:"number of figures in a clip, 1 to 4"`
	Mirror    bool                             `help:"what goes left goes as what goes right does, and up as down: learned from half as many clips"`
	Width     int                              `help:"width of the three hidden layers of the network, 1 to 1024"`
	EMA       float64                          `help:"decay of the exponential moving average (EMA) of the weights, which frames are predicted with; 0 turns it off"`
	Optimizer registry.Choice[train.Optimizer] `help:"optimizer of the network"`
}

// Check reports a setting that is out of range.
func (f *Figures) Check() error {
	if f.Given < 2 || f.Given > 32 {
		return registry.Unfit("given", fmt.Sprintf("want 2 to 32, got %d", f.Given))
	}
	if !(f.EMA >= 0 && f.EMA < 1) {
		return registry.Unfit("ema", fmt.Sprintf("want at least 0 and below 1, got %g", f.EMA))
	}
	for _, s := range []struct {
		key         string
		value, most int
	}{{"ahead", f.Ahead, 32}, {"reach", f.Reach, 8}, {"count", f.Count, 4}, {"width", f.Width, 1024}} {
		if err := within(s.key, s.value, s.most); err != nil {
			return err
		}
	}
	return nil
}

// Model implements [Family].
func (f *Figures) Model(spec data.Spec) (Model, error) {
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("figures %w", err)
	}
	ahead, err := newForesight("figures", f.Given, f.Ahead, spec)
	return &figuresModel{Figures: f, foresight: ahead, seen: map[uint64]followed{}}, err
}

// figuresModel is a Figures for a data spec.
type figuresModel struct {
	*Figures
	foresight
	seen map[uint64]followed // windows that were followed, by their hash
}

// What is known of a figure along each axis, and what is learned.
const (
	pathColumn = "path" // [figures·2, velocities then extent along the axis and along the other, then which]
	goesColumn = "goes" // [figures·2, ahead], in pixels
)

func (m *figuresModel) pathField() data.Field {
	return data.Field{Name: pathColumn, Kind: data.Vector, Shape: []int{2 * m.Count, m.Given + 4}}
}

func (m *figuresModel) goesField() data.Field {
	return data.Field{Name: goesColumn, Kind: data.Vector, Shape: []int{2 * m.Count, m.Ahead}}
}

// frames are some of a row of a column of clips, to be taken apart.
func frames(of *data.Column, row, from, to int) *figures.Clip {
	f := of.Field
	c := &figures.Clip{H: f.Shape[1], W: f.Shape[2], Channels: f.Shape[3], Low: f.Low, High: f.High}
	n := f.Frame().Size()
	for t := from; t < to; t++ {
		c.Frames = append(c.Frames, of.Row(row)[t*n:(t+1)*n])
	}
	return c
}

// found takes the given frames of each clip of a column apart and puts what is known of the figures'
// paths into another.
func (m *figuresModel) found(ctx context.Context, clips *data.Column, n int) ([]*figures.Scene, data.Column, error) {
	scenes, failed := make([]*figures.Scene, n), make([]error, n)
	path := data.NewColumn(m.pathField(), n)
	var busy sync.WaitGroup
	for i := range n {
		busy.Go(func() {
			if scenes[i], failed[i] = figures.Find(ctx, frames(clips, i, 0, m.Given), m.Count, m.Reach); failed[i] == nil {
				m.path(scenes[i], path.Row(i))
			}
		})
	}
	busy.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, path, err
		}
	}
	return scenes, path, nil
}

// path writes down what is known of the figures of a scene.
func (m *figuresModel) path(s *figures.Scene, to []float32) {
	size := m.spec.Target().Shape[1:3]
	for _, f := range s.Figures {
		from, until := s.Extent(f)
		share := func(place float64, axis int) float32 { return float32(2*place/float64(size[axis]) - 1) }
		for axis := range 2 {
			row := to[:m.Given+4]
			for t := range m.Given - 1 {
				row[t] = float32((f.At[t+1][axis] - f.At[t][axis]) / float64(m.Reach))
			}
			rest := row[m.Given-1:]
			rest[0], rest[1] = share(from[axis], axis), share(until[axis], axis)
			rest[2], rest[3] = share(from[1-axis], 1-axis), share(until[1-axis], 1-axis)
			rest[4] = float32(2*axis - 1)
			to = to[len(row):]
		}
	}
}

// A followed is what is learned from a window.
type followed struct{ path, goes []float32 }

// mostFollowed is the number of windows that are remembered.
const mostFollowed = 1 << 17

// followed finds the figures of a window and follows them. Windows that were seen before are
// remembered, since a search takes longer than all the rest.
func (m *figuresModel) followed(windows *data.Column, i int) (followed, error) {
	h := fnv.New64a()
	for _, v := range windows.Row(i) {
		bits := math.Float32bits(v)
		h.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
	}
	key := h.Sum64()
	if seen, ok := m.seen[key]; ok {
		return seen, nil
	}
	s, err := figures.Find(context.Background(), frames(windows, i, 0, m.Given), m.Count, m.Reach)
	if err != nil {
		return followed{}, err
	}
	for _, frame := range frames(windows, i, m.Given, m.window()).Frames {
		s.Follow(frame, m.Reach)
	}
	seen := followed{path: make([]float32, m.pathField().Size())}
	m.path(s, seen.path)
	for _, f := range s.Figures {
		for axis := range 2 {
			for _, at := range f.At[m.Given:] {
				seen.goes = append(seen.goes, float32(at[axis]))
			}
		}
	}
	if len(m.seen) < mostFollowed {
		m.seen[key] = seen
	}
	return seen, nil
}

// prepare finds the figures of windows and follows them.
func (m *figuresModel) prepare(t train.Turn) error {
	goes := data.NewColumn(m.goesField(), t.Batch.N)
	if t.Store == nil { // while the loop is planned
		t.Batch.Set(data.NewColumn(m.pathField(), t.Batch.N))
		t.Batch.Set(goes)
		return nil
	}
	windows := m.windows(t, m.Ahead)
	path := data.NewColumn(m.pathField(), t.Batch.N)
	for i := range t.Batch.N {
		seen, err := m.followed(&windows, i)
		if err != nil {
			return err
		}
		copy(path.Row(i), seen.path)
		copy(goes.Row(i), seen.goes)
	}
	t.Batch.Set(path)
	t.Batch.Set(goes)
	return nil
}

// Stages implements [Model].
func (m *figuresModel) Stages() []train.Stage {
	phase := train.Phase{Name: "predict", Moves: []string{predictorScope}, Optimizer: m.Optimizer.Value, Prepare: m.prepare, Loss: m.loss}
	if m.EMA > 0 {
		phase.EMAs = []train.EMA{{From: predictorScope, To: emaPredictorScope, Decay: m.EMA}}
	}
	return []train.Stage{{Name: "prediction", Phases: []train.Phase{phase}}}
}

// goes is how far figures go until each frame ahead along each axis, in pixels, by their paths
// [batch, figures·2, given + 4]: on at their last velocity, and what the network adds.
func (m *figuresModel) goes(s *model.Scope, path *graph.Node) *graph.Node {
	d := path.Shape().Dimensions
	x := graph.Reshape(path, d[0]*d[1], d[2]) // [batch·figures·2, given + 4]
	speed := graph.Slice(x, graph.AxisRange(), graph.AxisRange(m.Given-2, m.Given-1))
	steps := make([]float64, m.Ahead)
	for k := range steps {
		steps[k] = float64(k + 1)
	}
	on := graph.Mul(speed, graph.Reshape(graph.ConstAsDType(x.Graph(), x.DType(), steps), 1, m.Ahead)) // [batch·figures·2, ahead]
	if m.Mirror {
		x = graph.Concatenate([]*graph.Node{x, m.mirrored(x)}, 0) // [2·batch·figures·2, given + 4]
	}
	for i := range 3 {
		x = nn.Silu(nn.Dense(s.In("hidden_%d", i), x, m.Width, nn.He(x.Shape().Dim(1)))) // [(2·)batch·figures·2, width]
	}
	x = nn.Dense(s.In("out"), x, m.Ahead, 0) // [(2·)batch·figures·2, ahead]
	if n := d[0] * d[1]; m.Mirror {
		x = graph.MulScalar(graph.Sub(graph.Slice(x, graph.AxisRange(0, n)), graph.Slice(x, graph.AxisRange(n))), 0.5)
	}
	return graph.Reshape(graph.MulScalar(graph.Add(on, x), float64(m.Reach)), d[0], d[1], m.Ahead)
}

// mirrored are paths x [n, given + 4] mirrored along their axis.
func (m *figuresModel) mirrored(x *graph.Node) *graph.Node {
	part := func(from, to int) *graph.Node { return graph.Slice(x, graph.AxisRange(), graph.AxisRange(from, to)) }
	extent := m.Given - 1
	return graph.Concatenate([]*graph.Node{
		graph.Neg(part(0, extent)),
		graph.Neg(part(extent+1, extent+2)), graph.Neg(part(extent, extent+1)),
		part(extent+2, m.Given+4),
	}, 1)
}

// loss is the mean distance from where the figures went, along each axis; where it is much less than
// a pixel, its square.
func (m *figuresModel) loss(in *train.Inputs) *graph.Node {
	const close = 0.1
	path, goes := in.Column(pathColumn), in.Column(goesColumn)
	off := graph.Sub(m.goes(in.Store.Scope(predictorScope), path), goes)
	distance := graph.ReduceAllMean(graph.Sqrt(graph.AddScalar(graph.Square(off), close*close)))
	in.Report("pixels", graph.AddScalar(distance, -close))
	return distance
}
