package train

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"atelier/data"
	"atelier/model/weights"
)

// rows yields batches of size rows, of numbers that count on.
type rows struct{ size, next uint64 }

func (r *rows) Position() uint64 { return r.next }

func (r *rows) Next(context.Context) (*data.Batch, error) {
	b := data.NewBatch(column, int(r.size))
	for i := range b.Columns[0].Floats {
		b.Columns[0].Floats[i] = float32(math.Sin(float64(r.next*r.size + uint64(i))))
	}
	r.next++
	return b, nil
}

// fitted is a loop that fits two weights to numbers, whose gradients differ from batch to
// batch, and keeps an average.
func fitted(t *testing.T, total, size int, settings ...string) *Loop {
	p := Phase{
		Name: "toy", Moves: []string{"net"}, Optimizer: NewAdam(0.1, 0.9, 0.999, settings...).Value,
		EMAs: []EMA{{From: "net", To: "average/net", Decay: 0.9}},
		Loss: func(in *Inputs) *Node {
			x := in.Column(data.Target)
			scale, at := weight(in, "/net/w").NodeValue(in.Graph), weight(in, "/net/b").NodeValue(in.Graph)
			seen := in.Store.VariableWithShape("/net/seen", shapes.Make(dtypes.Float32), initializer.Zero).SetTrainable(false)
			seen.SetNodeValue(OnePlus(seen.NodeValue(in.Graph)))
			return ReduceAllMean(Square(Sub(Add(Mul(x, scale), at), Exp(x))))
		},
	}
	l := loop(t, total, p)
	l.Batches = &rows{size: uint64(size)}
	return l
}

// So many batches of a size move the weights as one batch of all of them does, and the
// EMAs and moments with them; what is not learned sees every batch.
func TestAccumulate(t *testing.T) {
	for _, settings := range [][]string{nil, {"clip=0.5"}} {
		large := fitted(t, 6, 12, settings...)
		small := fitted(t, 18, 4, append(settings, "accumulate=3")...)
		for _, l := range []*Loop{large, small} {
			if err := l.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range []string{"/net/w", "/net/b", "/average/net/w", "/average/count", "/average/net/count", "/optimizer/toy/count", "/optimizer/toy/first/net/w"} {
			if large.Store.GetVariable(path) == nil {
				continue
			}
			if a, b := value(t, large, path), value(t, small, path); math.Abs(a-b) > 1e-5 {
				t.Errorf("%v: %s is %v after large batches and %v after small ones", settings, path, a, b)
			}
		}
		if n := value(t, small, "/net/seen"); n != 18 {
			t.Errorf("what is not learned saw %v batches of 18", n)
		}
	}
}

// Between two moves nothing moves.
func TestAccumulateWaits(t *testing.T) {
	l := fitted(t, 7, 4, "accumulate=3")
	was := 1.
	l.Hooks = []Hook{func(_ context.Context, e Event) error {
		now := value(t, l, "/net/w")
		if moved := now != was; moved != (e.Step%3 == 0) {
			t.Errorf("step %d: the weight went from %v to %v", e.Step, was, now)
		}
		was = now
		return nil
	}}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A run that goes on from between two moves ends with the bytes of one that was not
// interrupted.
func TestAccumulateResumed(t *testing.T) {
	whole := fitted(t, 9, 4, "accumulate=4")
	first := fitted(t, 6, 4, "accumulate=4")
	for _, l := range []*Loop{whole, first} {
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	state, err := first.State()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := weights.Take(first.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	second := fitted(t, 9, 4, "accumulate=4")
	second.Batches = &rows{size: 4, next: state.Position}
	if err := second.Build(column, 4); err != nil {
		t.Fatal(err)
	}
	if err := kept.Restore(second.Store); err != nil {
		t.Fatal(err)
	}
	if err := second.Restore(state); err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := weights.Write(&a, whole.Store, nil); err != nil {
		t.Fatal(err)
	}
	if err := weights.Write(&b, second.Store, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the weights differ")
	}
}

// Rates and the weights in a loss change without a new graph.
func TestNumbersAreInputs(t *testing.T) {
	adam := NewAdam(0, 0.9, 0.999).Value.(*Adam)
	pull := 0.
	built := 0
	p := descend()
	p.Optimizer = adam
	p.Numbers = []Number{{"pull", func() float64 { return pull }}}
	fine := p.Loss
	p.Loss = func(in *Inputs) *Node {
		built++
		return Mul(fine(in), in.Number("pull"))
	}
	l := loop(t, 3, p)
	var losses, at []float64
	l.Hooks = []Hook{func(_ context.Context, e Event) error {
		losses, at = append(losses, e.Stats["toy/loss"]), append(at, value(t, l, "/net/w"))
		pull = 2
		if e.Step == 2 {
			adam.Rate = 0.1
		}
		return nil
	}}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if losses[0] != 0 || losses[1] != 8 || at[1] != 1 || at[2] == 1 || built != 1 {
		t.Errorf("losses %v, weights %v, %d graphs", losses, at, built)
	}
}
