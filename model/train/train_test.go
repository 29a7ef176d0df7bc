package train

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"atelier/data"
	"atelier/internal/registry"
)

// column is the field of the toy problems: one number an example.
var column = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Vector, Shape: []int{1}}}}

// counting yields batches whose k-th holds the value k.
type counting struct{ next uint64 }

func (c *counting) Position() uint64 { return c.next }

func (c *counting) Next(context.Context) (*data.Batch, error) {
	b := data.NewBatch(column, 2)
	for i := range b.Columns[0].Floats {
		b.Columns[0].Floats[i] = float32(c.next)
	}
	c.next++
	return b, nil
}

func backend(t *testing.T) compute.Backend {
	t.Helper()
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// weight is a variable of one number.
func weight(in *Inputs, path string) *model.Variable {
	return in.Store.VariableWithShape(path, shapes.Make(dtypes.Float32), initializer.One)
}

// descend is a phase that pulls net/w towards 3.
func descend() Phase {
	return Phase{
		Name: "toy", Moves: []string{"net"},
		Optimizer: NewAdam(0.1, 0.9, 0.999).Value,
		Loss: func(in *Inputs) *Node {
			return Square(AddScalar(weight(in, "/net/w").NodeValue(in.Graph), -3))
		},
	}
}

func loop(t *testing.T, total int, phases ...Phase) *Loop {
	t.Helper()
	return &Loop{
		Backend: backend(t), Store: model.NewStore(), Stages: []Stage{{Name: "toy", Phases: phases}},
		Batches: &counting{}, Schedule: &Constant{}, Total: total, Damping: 1,
	}
}

func value(t *testing.T, l *Loop, path string) float64 {
	t.Helper()
	v := l.Store.GetVariable(path)
	if v == nil {
		t.Fatalf("no variable %s", path)
	}
	return float64(tensors.ToScalar[float32](v.MustValue()))
}

// TestAdam follows the update rule of the paper in float64.
func TestAdam(t *testing.T) {
	l := loop(t, 5, descend())
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, m, v := 1.0, 0.0, 0.0
	for k := 1; k <= 5; k++ {
		g := 2 * (w - 3)
		m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
		w -= 0.1 * (m / (1 - math.Pow(0.9, float64(k)))) / (math.Sqrt(v/(1-math.Pow(0.999, float64(k)))) + 1e-8)
	}
	if got := value(t, l, "/net/w"); math.Abs(got-w) > 1e-5 {
		t.Errorf("after 5 steps the weight is %v, want %v", got, w)
	}
}

// TestDecay follows a matrix and a vector whose gradients are 0: the matrix alone
// shrinks, by the rate times the decay a step.
func TestDecay(t *testing.T) {
	p := descend()
	p.Optimizer = NewAdam(0.1, 0.9, 0.999, "decay=0.5").Value
	fine := p.Loss
	p.Loss = func(in *Inputs) *Node {
		loss := fine(in)
		for name, dims := range map[string][]int{"matrix": {2, 2}, "vector": {2}} {
			v := in.Store.Scope("net").WithInitializer(initializer.One).VariableWithShape(name, shapes.Make(dtypes.Float32, dims...))
			loss = Add(loss, ReduceAllSum(MulScalar(v.NodeValue(in.Graph), 0)))
		}
		return loss
	}
	l := loop(t, 3, p)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"matrix": math.Pow(1-0.1*0.5, 3), "vector": 1} {
		v := l.Store.GetVariable("/net/" + name).MustValue()
		if got := float64(tensors.MustCopyFlatData[float32](v)[0]); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

func TestNotFiniteKeepsWeights(t *testing.T) {
	p := descend()
	fine := p.Loss
	p.Loss = func(in *Inputs) *Node {
		// The logarithm of 2 - k is infinite at batch 2.
		k := ReduceAllMean(in.Column(data.Target))
		return Add(fine(in), Mul(weight(in, "/net/w").NodeValue(in.Graph), Log(AddScalar(Neg(k), 2))))
	}
	p.EMAs = []EMA{{From: "net", To: "average/net", Decay: 0.5}}
	l := loop(t, 5, p)
	var before []float64
	l.Hooks = []Hook{func(context.Context, Event) error {
		before = []float64{value(t, l, "/net/w"), value(t, l, "/average/net/w"), value(t, l, "/optimizer/toy/first/net/w")}
		return nil
	}}
	err := l.Run(t.Context())
	var bad *NotFiniteError
	if !errors.As(err, &bad) || bad.Step != 3 || bad.Phase != "toy" {
		t.Fatalf("error %v, want one of step 3", err)
	}
	for i, path := range []string{"/net/w", "/average/net/w", "/optimizer/toy/first/net/w"} {
		if got := value(t, l, path); got != before[i] {
			t.Errorf("%s is %v, was %v before the bad step", path, got, before[i])
		}
	}
}

func TestOnlyWhatMovesChanges(t *testing.T) {
	p := descend()
	fine := p.Loss
	p.Loss = func(in *Inputs) *Node {
		other := weight(in, "/other/running")
		other.SetNodeValue(AddScalar(other.NodeValue(in.Graph), 1))
		return Add(fine(in), weight(in, "/other/w").NodeValue(in.Graph))
	}
	l := loop(t, 3, p)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/other/running", "/other/w"} {
		if got := value(t, l, path); got != 1 {
			t.Errorf("%s moved to %v", path, got)
		}
	}
}

// TestAverage follows the average by hand: it copies at first and then keeps
// min(decay, (1+t)/(10+t)) of itself.
func TestAverage(t *testing.T) {
	p := descend()
	p.EMAs = []EMA{{From: "net", To: "average/net", Decay: 0.2}}
	l := loop(t, 6, p)
	want, k := 0.0, 0
	l.Hooks = []Hook{func(context.Context, Event) error {
		keep := min(0.2, float64(1+k)/float64(10+k))
		if k == 0 {
			keep = 0
		}
		want = keep*want + (1-keep)*value(t, l, "/net/w")
		k++
		if got := value(t, l, "/average/net/w"); math.Abs(got-want) > 1e-5 {
			t.Errorf("update %d: average %v, want %v", k, got, want)
		}
		return nil
	}}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPhasesTakeTurns(t *testing.T) {
	var turns []string
	log := func(name string, every, times int) Phase {
		p := descend()
		p.Name, p.Every, p.Times = name, every, times
		p.Prepare = func(t Turn) error {
			turns = append(turns, name)
			return nil
		}
		return p
	}
	l := loop(t, 3, log("D", 1, 2), log("R", 2, 1))
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "DDRDDDDR"
	got := ""
	for _, name := range turns {
		got += name
	}
	if got != want {
		t.Errorf("turns %s, want %s", got, want)
	}
	if p := l.Batches.Position(); p != 8 {
		t.Errorf("took %d batches, want 8", p)
	}
}

func TestStages(t *testing.T) {
	first, second := descend(), descend()
	first.Name, second.Name = "first", "second"
	l := loop(t, 4)
	l.Stages = []Stage{{Name: "one", Steps: 1, Phases: []Phase{first}}, {Name: "two", Phases: []Phase{second}}}
	var names []string
	l.Hooks = []Hook{func(_ context.Context, e Event) error { names = append(names, e.Stage); return nil }}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(names) != 4 || names[0] != "one" || names[1] != "two" || names[3] != "two" {
		t.Errorf("stages %v", names)
	}
}

func TestCancelledBetweenSteps(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := loop(t, 100, descend())
	l.Hooks = []Hook{func(_ context.Context, e Event) error {
		if e.Step == 3 {
			cancel()
		}
		return nil
	}}
	if err := l.Run(ctx); !errors.Is(err, context.Canceled) || l.Step != 3 {
		t.Errorf("stopped at step %d with %v", l.Step, err)
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		step int
		want float64
	}{
		{&Constant{}, 7, 1},
		{&Constant{Warmup: 4}, 0, 0.2},
		{&Linear{}, 50, 0.5},
		{&Linear{Hold: 0.5, Floor: 0.1}, 50, 1},
		{&Linear{Hold: 0.5, Floor: 0.1}, 75, 0.55},
		{&Cosine{}, 50, 0.5},
		{&Cosine{Floor: 0.2}, 100, 0.2},
	} {
		if got := c.s.Factor(c.step, 100); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%#v at step %d: %v, want %v", c.s, c.step, got, c.want)
		}
	}
}

// Settings that nobody can mean are refused.
func TestUnfitOptimizersAndSchedules(t *testing.T) {
	good := Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Adam){
		func(a *Adam) { a.Rate = -1 }, func(a *Adam) { a.Rate = math.NaN() }, func(a *Adam) { a.Beta1 = 1 },
		func(a *Adam) { a.Beta2 = -0.1 }, func(a *Adam) { a.Epsilon = 0 }, func(a *Adam) { a.Decay = -1 }, func(a *Adam) { a.Clip = -1 },
		func(a *Adam) { a.Accumulate = -1 },
	} {
		bad := good
		change(&bad)
		if bad.Check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	for _, s := range []registry.Checker{&Constant{Warmup: -1}, &Linear{Hold: 2}, &Cosine{Floor: -1}, &Linear{Floor: math.NaN()}} {
		if s.Check() == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}
