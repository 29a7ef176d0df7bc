package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/graphs"
	"atelier/model/nn"
	"atelier/model/train"
	safetensors "atelier/model/weights"
)

// A keysModel foretells each key by a network of dense layers on its features, the same one for
// all keys.
type keysModel struct {
	name     string
	features keyFeatures
	hidden   int
	dropout  float64
	store    *model.Store
}

const (
	keysScope    = "keys"
	averageScope = "average"
	keysDropout  = "dropout"
	down         = "down"
	keysBatch    = 24 // frames
	keysSave     = 500
	keysHidden   = 128
	keysDrop     = .2
	rarest       = 1e-6 // probability of keys that are never down in training
)

// newKeysModel returns a model of the keys that are down in training, and one on each side.
func newKeysModel(name string, rolls []roll, chained bool) *keysModel {
	m := &keysModel{name: name, hidden: keysHidden, dropout: keysDrop, store: model.NewStore()}
	m.features = keyFeatures{from: rollKeys, chained: chained}
	for _, r := range rolls {
		for _, f := range r {
			if low := f.lowest(); low >= 0 {
				m.features.from, m.features.to = min(m.features.from, low-1), max(m.features.to, f.highest()+2)
			}
		}
	}
	m.features.from, m.features.to = max(0, m.features.from), min(rollKeys, m.features.to)
	nn.Seed(m.store, 1)
	return m
}

// spec is what a frame is in a batch: the features of every key, and whether it is down.
func (m *keysModel) spec() data.Spec {
	keys := m.features.keys()
	return data.Spec{Fields: []data.Field{
		{Name: data.Target, Kind: data.Vector, Shape: []int{keys * m.features.width()}, High: 1},
		{Name: down, Kind: data.Vector, Shape: []int{keys}, High: 1},
	}}
}

// logits are those of keys with features x [rows, width]: [rows].
func (m *keysModel) logits(s *model.Scope, x *graph.Node, drop *nn.Dropout) *graph.Node {
	in := m.features.width()
	h := nn.Gelu(nn.Dense(s.In("first"), drop.Of(x), m.hidden, nn.He(in)/2)) // [rows, hidden]
	for i := range 2 {
		y := nn.Gelu(nn.Dense(s.In("layer_%d", i), nn.LayerNorm(s.In("norm_%d", i), h), m.hidden, nn.He(m.hidden))) // [rows, hidden]
		h = graph.Add(h, drop.Of(y))
	}
	return graph.Squeeze(nn.Dense(s.In("last"), nn.LayerNorm(s.In("norm"), h), 1, 0.01), -1)
}

// loss is the mean of the negative log-likelihood of frames, in nats.
func (m *keysModel) loss(in *train.Inputs) *graph.Node {
	x, y := in.Column(data.Target), in.Column(down)
	batch, keys := y.Shape().Dimensions[0], y.Shape().Dimensions[1]
	key := graph.Squeeze(graph.Slice(in.Column(keysDropout), graph.AxisElem(0)), 0)
	drop := nn.NewDropout(m.dropout, key)
	logits := m.logits(in.Store.Scope(keysScope), graph.Reshape(x, batch*keys, m.features.width()), drop)
	logits = graph.Reshape(logits, batch, keys)
	each := graph.Sub(nn.Softplus(logits), graph.Mul(logits, y)) // [batch, keys]
	return graph.MulScalar(graph.ReduceAllSum(each), 1/float64(batch))
}

// keysBatches are batches of frames in a random order, another in each epoch.
type keysBatches struct {
	m     *keysModel
	rolls []roll
	all   []at
	taken uint64
}

func (b *keysBatches) Position() uint64 { return b.taken }

// Next returns a batch; its order depends only on how many were taken before.
func (b *keysBatches) Next(context.Context) (*data.Batch, error) {
	if b.all == nil {
		b.all = allOf(b.rolls)
	}
	per := uint64(len(b.all) / keysBatch)
	if per == 0 {
		return nil, fmt.Errorf("%d frames are too few to train on", len(b.all))
	}
	order := noise.Stream(1, b.taken/per).Perm(len(b.all))
	batch := data.NewBatch(b.m.spec(), keysBatch)
	for i, k := range order[b.taken%per*keysBatch:][:keysBatch] {
		b.m.fill(batch, i, b.all[k].r, b.all[k].t)
	}
	b.taken++
	return batch, nil
}

// fill writes a frame into a batch.
func (m *keysModel) fill(batch *data.Batch, i int, r roll, t int) {
	width := m.features.width()
	x, y := batch.Column(data.Target).Row(i), batch.Column(down).Row(i)
	for key := m.features.from; key < m.features.to; key++ {
		at := key - m.features.from
		m.features.write(x[at*width:(at+1)*width], r, t, key)
		if r[t].has(key) {
			y[at] = 1
		}
	}
}

// prepare adds the key of the dropout.
func (m *keysModel) prepare(t train.Turn) error {
	field := data.Field{Name: keysDropout, Kind: data.Tokens, Shape: []int{nn.DropoutWords}, Vocabulary: math.MaxInt32}
	key, rng := data.NewColumn(field, t.Batch.N), noise.Stream(t.Seed, 2, uint64(t.Step))
	for i := range key.Ints {
		key.Ints[i] = rng.Int32()
	}
	t.Batch.Set(key)
	return nil
}

// train trains for so many steps, or goes on where the file of the folder was left, and returns how
// many seconds all of it took.
func (m *keysModel) train(ctx context.Context, on *Machine, rolls []roll, steps int, folder string) (seconds float64, err error) {
	adam := train.NewAdam(2e-3, 0.9, 0.99, "decay=0.05", "clip=1")
	schedule, err := registry.Make[train.Schedule]("cosine", "warmup=50", "floor=0.02")
	if err != nil {
		return 0, err
	}
	batches := &keysBatches{m: m, rolls: rolls}
	loop := &train.Loop{Backend: on.Backend, Store: m.store, Batches: batches, Total: steps, Damping: 1, Seed: 1,
		Schedule: schedule.Value,
		Stages: []train.Stage{{Name: "likelihood", Phases: []train.Phase{{Name: m.name, Moves: []string{keysScope}, Optimizer: adam.Value,
			Loss: m.loss, Prepare: m.prepare, EMAs: []train.EMA{{From: keysScope, To: averageScope, Decay: .998}}}}}}}
	path := filepath.Join(folder, fmt.Sprintf("%s-%d.safetensors", m.name, steps))
	if seconds, err = m.resume(path, loop); err != nil {
		return 0, err
	}
	batches.taken = uint64(loop.Step)
	if err := loop.Build(m.spec(), keysBatch); err != nil {
		return 0, err
	}
	begun, before, sum, n := time.Now(), seconds, 0.0, 0
	loop.Hooks = []train.Hook{func(_ context.Context, e train.Event) error {
		sum, n = sum+e.Stats[m.name+"/loss"], n+1
		if e.Step%keysSave != 0 && e.Step != steps {
			return nil
		}
		on.Tell(fmt.Sprintf("%s: step %d of %d, %.3f nats a frame in training", m.name, e.Step, steps, sum/float64(n)))
		sum, n, seconds = 0, 0, before+time.Since(begun).Seconds()
		return safetensors.Save(path, m.store, map[string]string{"step": strconv.Itoa(e.Step), "seconds": strconv.FormatFloat(seconds, 'g', -1, 64)})
	}}
	return seconds, loop.Run(ctx)
}

// resume goes on from a file, if there is one, and returns the seconds that were taken before.
func (m *keysModel) resume(path string, loop *train.Loop) (seconds float64, err error) {
	f, err := safetensors.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	loop.Step, err = strconv.Atoi(f.Metadata["step"])
	if err == nil {
		seconds, err = strconv.ParseFloat(f.Metadata["seconds"], 64)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w; delete it", path, err)
	}
	return seconds, f.Preload(m.store)
}

// likelihood is that of rolls in nats a frame, by the averaged weights.
func (m *keysModel) likelihood(on *Machine, rolls []roll) (nats float64, err error) {
	width, keys := m.features.width(), m.features.keys()
	network := graphs.New(on.Backend, m.store, 1, func(_ *model.Scope, x *graph.Node) *graph.Node {
		m.store.SetTraining(x.Graph(), false)
		return graph.Sigmoid(m.logits(m.store.Scope(averageScope), x, nil))
	})
	defer network.Finalize()
	all := allOf(rolls)
	for part := range slices.Chunk(all, keysBatch) {
		batch := data.NewBatch(m.spec(), keysBatch)
		for i, a := range part {
			m.fill(batch, i, a.r, a.t)
		}
		out, err := network.Call(tensors.FromFlatDataAndDimensions(batch.Column(data.Target).Floats, keysBatch*keys, width))
		if err != nil {
			return 0, err
		}
		values, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return 0, err
		}
		for i, a := range part {
			var p [rollKeys]float64
			for key := range p {
				p[key] = rarest
			}
			for k, v := range values[i*keys : (i+1)*keys] {
				p[m.features.from+k] = float64(v)
			}
			nats -= a.r[a.t].logOf(&p)
		}
	}
	return nats / float64(len(all)), nil
}

// at is a frame of a piece.
type at struct {
	r roll
	t int
}

// allOf are all frames.
func allOf(rolls []roll) (all []at) {
	for _, r := range rolls {
		for t := range r {
			all = append(all, at{r, t})
		}
	}
	return all
}

// parameters is how many numbers the network learns.
func (m *keysModel) parameters() (n int) {
	for v := range m.store.IterVariables() {
		if v.Trainable && strings.HasPrefix(v.Path(), "/"+keysScope+"/") {
			n += v.Shape().Size()
		}
	}
	return n
}
