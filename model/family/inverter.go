package family

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/arch"
	"atelier/model/graphs"
)

// Settings of the search. The distance is the mean squared error of the pixels plus a
// share of that of D's features, relative to their size (Pan et al. 2020,
// arXiv:2003.13659). A pull towards the mean keeps codes in the region that G was
// trained on.
const (
	inversionStarts  = 12 // the best seeds, moved together, of which the best is taken
	inversionSteps   = 300
	inversionRate    = 0.05 // of Adam, in deviations of a code
	inversionMatch   = 0.1  // weight of the features
	inversionPull    = 2e-3 // weight of the mean square of a code, in deviations
	inversionScope   = "inversion"
	givenColumn      = "given"
	inversionUpdates = 10 // steps from one word of progress to the next
)

// An inverter searches for codes of given samples.
type inverter struct {
	*drawer
	backend   compute.Backend
	store     *model.Store
	steering  *Steering
	distances *graphs.Cache
	// features maps samples x to features [batch, width] for the distance, with the weights
	// in a store; nil compares pixels only.
	features func(store *model.Store, x *graph.Node, told arch.Conditions) *graph.Node
	encode   Encoder // nil if the model has none
}

// inverter returns an inverter with the weights in the store.
func (m *drawer) inverter(backend compute.Backend, store *model.Store, features func(store *model.Store, x *graph.Node, told arch.Conditions) *graph.Node, encode Encoder) (Inverter, error) {
	steering, err := m.Steering(backend, store)
	if err != nil {
		return nil, err
	}
	v := &inverter{drawer: m, backend: backend, store: store, steering: steering, features: features, encode: encode}
	v.distances = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return v.distance(store, in[0], in[1], m.given(in, 2))
	})
	return v.invert, nil
}

// Inverter implements [Invertible]. Samples are also compared by D's features, unless D
// judges packs.
func (m *gan) Inverter(backend compute.Backend, store *model.Store) (Inverter, error) {
	if m.Pack > 1 {
		return m.inverter(backend, store, nil, nil)
	}
	return m.inverter(backend, store, func(store *model.Store, x *graph.Node, told arch.Conditions) *graph.Node {
		features, _ := m.judge(store, x, told)
		return features
	}, nil)
}

// Inverter implements [Invertible]. The search also starts from the encoder's code.
func (m *vae) Inverter(backend compute.Backend, store *model.Store) (Inverter, error) {
	encode, err := m.Encoder(backend, store)
	if err != nil {
		return nil, err
	}
	return m.inverter(backend, store, nil, encode)
}

// distance is the distance between the samples of codes, with the weights in a store, and
// given samples [batch, shape...]: [batch].
func (v *inverter) distance(store *model.Store, codes, given *graph.Node, told arch.Conditions) *graph.Node {
	x := v.g.Samples(v.drawingScope(store), codes, told) // [batch, shape...]
	far := meanSquare(graph.Sub(x, given))               // [batch]
	if v.features == nil {
		return far
	}
	wanted := v.features(store, given, told) // [batch, width]
	apart := graph.Div(meanSquare(graph.Sub(v.features(store, x, told), wanted)), graph.AddScalar(meanSquare(wanted), 1e-6))
	return graph.Add(far, graph.MulScalar(apart, inversionMatch))
}

// meanSquare is the mean square of each example of x [batch, ...]: [batch].
func meanSquare(x *graph.Node) *graph.Node {
	n := x.Shape().Dim(0)
	return graph.ReduceMean(graph.Reshape(graph.Square(x), n, x.Shape().Size()/n), -1)
}

// invert is an [Inverter].
func (v *inverter) invert(ctx context.Context, given *data.Batch, seeds []uint64, conditions *data.Batch, tell func(done, total int)) (*Inverse, error) {
	codes, err := v.steering.Codes(ctx, seeds, conditions)
	if err != nil {
		return nil, err
	}
	spread, err := v.spread(ctx, codes)
	if err != nil {
		return nil, err
	}
	guesses, err := v.guesses(ctx, given, conditions)
	if err != nil {
		return nil, err
	}
	if guesses != nil {
		codes = data.Joined(codes, guesses)
	}
	total := (codes.N+AtOnce-1)/AtOnce*inversionUpdates + inversionSteps
	done := 0
	further := func(steps int) {
		done += steps
		tell(done, total)
	}
	far, err := v.measure(ctx, codes, given, func() { further(inversionUpdates) })
	if err != nil {
		return nil, err
	}
	order := nearestFirst(far)
	best := make([]int, inversionStarts) // fewer codes are repeated
	for k := range best {
		best[k] = order[k%len(order)]
	}
	moved := chosen(codes, best)
	if err := v.descend(ctx, moved, given, spread, func() { further(1) }); err != nil {
		return nil, err
	}
	moved = data.Joined(moved, chosen(codes, best[:1])) // in case optimisation made none better
	after, err := v.measure(ctx, moved, given, func() {})
	if err != nil {
		return nil, err
	}
	start := nearestFirst(far[:len(seeds)])[0]
	out := &Inverse{Codes: chosen(moved, nearestFirst(after)[:1]), Start: chosen(codes, []int{start}), Seed: seeds[start]}
	if guesses != nil {
		out.Guess = chosen(guesses, nearestFirst(far[len(seeds):])[:1])
	}
	return out, nil
}

// guesses are the encoder's codes of the example: one, or one per class if none was
// requested. Nil without an encoder.
func (v *inverter) guesses(ctx context.Context, given, conditions *data.Batch) (*data.Batch, error) {
	if v.encode == nil {
		return nil, nil
	}
	if !v.conditional {
		return v.encode(ctx, given)
	}
	field, _ := v.spec.Field(data.Label)
	labels := data.NewColumn(field, len(field.Classes))
	for class := range labels.Ints {
		labels.Ints[class] = int32(class)
	}
	if asked := conditions.Column(data.Label); asked != nil {
		labels.Ints = asked.Ints[:1]
	}
	b := chosen(given, make([]int, len(labels.Ints)))
	b.Set(labels)
	return v.encode(ctx, b)
}

// nearestFirst returns the indices of distances in ascending order, stable.
func nearestFirst(far []float64) []int {
	order := make([]int, len(far))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(far[a], far[b]) })
	return order
}

// chosen returns a batch of some rows of another.
func chosen(b *data.Batch, indices []int) *data.Batch { return data.DatasetOf(b).Batch(indices) }

// spread is the standard deviation of codes around the centre, [layers, width].
func (v *inverter) spread(ctx context.Context, codes *data.Batch) ([]float32, error) {
	centres, err := v.steering.centres(ctx, codes)
	if err != nil {
		return nil, err
	}
	all := codes.Column(Code).Floats
	out := make([]float32, len(all)/codes.N)
	for k := range out {
		if out[k] = 1; v.steering.Latent {
			continue
		}
		sum := 0.
		for at := k; at < len(all); at += len(out) {
			d := float64(all[at] - centres[at])
			sum += float64(d * d)
		}
		out[k] = float32(math.Sqrt(sum/float64(codes.N)) + 1e-6)
	}
	return out, nil
}

// beside adds the given sample to each row of codes.
func beside(codes, given *data.Batch) *data.Batch {
	one := given.Column(data.Target)
	field := one.Field
	field.Name = givenColumn
	column := data.NewColumn(field, codes.N)
	for i := range codes.N {
		copy(column.Row(i), one.Row(0))
	}
	out := &data.Batch{N: codes.N, Columns: slices.Clone(codes.Columns)}
	out.Set(column)
	return out
}

// measure returns the distance of the sample of each row of codes.
func (v *inverter) measure(ctx context.Context, codes, given *data.Batch, tell func()) ([]float64, error) {
	return numbers(ctx, beside(codes, given), AtOnce, func(part *data.Batch) ([]float32, error) {
		defer tell()
		return call(v.distances, part, append([]string{Code, givenColumn}, v.conditions()...)...)
	})
}
