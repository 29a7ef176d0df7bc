package family

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/train"
)

func smallFlow() *Flow { return small(registry.Choose[Family]("flow").Value).(*Flow) }

// TestFlowSolvers follows dx/dt = x, whose solution is known: Heun's error falls with
// the square of the step.
func TestFlowSolvers(t *testing.T) {
	follow := func(solver string, steps int) float64 {
		m := &flow{Flow: &Flow{Solver: solver}}
		x := tensors.FromValue([]float32{1})
		for i := range steps {
			out, err := model.CallOnce(backend(t), model.NewStore(), func(_ *model.Scope, in []*graph.Node) *graph.Node {
				return m.further(in[0], in[1], in[2], func(x, _ *graph.Node) *graph.Node { return x })
			}, x, tensors.FromScalar(float32(i)/float32(steps)), tensors.FromScalar(float32(i+1)/float32(steps)))
			if err != nil {
				t.Fatal(err)
			}
			x = out
		}
		return math.Abs(float64(tensors.MustCopyFlatData[float32](x)[0]) - math.E)
	}
	if coarse, fine := follow(solverHeun, 4), follow(solverHeun, 8); fine > coarse/3 || fine > 0.01 {
		t.Errorf("heun is wrong by %v in 4 steps, by %v in 8", coarse, fine)
	}
	if coarse, fine := follow(solverEuler, 4), follow(solverEuler, 8); fine > coarse/1.5 || fine < coarse/3 {
		t.Errorf("euler is wrong by %v in 4 steps, by %v in 8", coarse, fine)
	}
}

// TestFlowPrepares looks at the times and at how many classes are not told.
func TestFlowPrepares(t *testing.T) {
	for _, times := range flowTimes {
		m := &flow{Flow: &Flow{Conditional: true, Times: times, LabelDrop: 0.25}, spec: labelled}
		turn := func(step int) *data.Batch {
			b := data.NewBatch(labelled, 4000)
			if err := m.prepare(train.Turn{Seed: 1, Step: step, Batch: b}); err != nil {
				t.Fatal(err)
			}
			return b
		}
		b := turn(3)
		middle, untold := 0, 0
		for i, at := range b.Column(timeColumn).Floats {
			if !(at >= 0 && at < 1) {
				t.Fatalf("%s: time %v", times, at)
			}
			if at > 0.25 && at < 0.75 {
				middle++
			}
			if b.Column(toldColumn).Ints[i] == 3 {
				untold++
			}
		}
		want := map[string]int{timesUniform: 2000, timesLogitNormal: 2912}[times] // |n| < log 3
		if middle < want-150 || middle > want+150 {
			t.Errorf("%s: %d of 4000 times in the middle half, want about %d", times, middle, want)
		}
		if untold < 850 || untold > 1150 {
			t.Errorf("%d of 4000 classes untold, want about 1000", untold)
		}
		if fmt.Sprint(b.Columns) != fmt.Sprint(turn(3).Columns) || fmt.Sprint(b.Columns) == fmt.Sprint(turn(4).Columns) {
			t.Error("random numbers do not follow from the step alone")
		}
	}
}

// TestFlowGuidance draws of a class at several strengths: at 1 the class alone counts,
// at 0 it does not.
func TestFlowGuidance(t *testing.T) {
	flow := smallFlow()
	flow.Conditional, flow.DrawSteps, flow.LabelDrop, flow.Optimizer = true, 2, 0.5, train.NewAdam(0.01, 0.9, 0.99)
	m, store := trained(t, flow, labelled, 20)
	draw := func(guidance float64, class int32, n int) string {
		flow.Guidance = guidance
		sampler, err := m.(Generative).Sampler(backend(t), store)
		if err != nil {
			t.Fatal(err)
		}
		field, _ := labelled.Field(data.Label)
		b := data.NewColumn(field, n)
		for i := range b.Ints {
			b.Ints[i] = class
		}
		conditions := &data.Batch{N: n}
		conditions.Set(b)
		for got, err := range sampler(t.Context(), []uint64{5, 6, 7, 8, 9}[:n], conditions) {
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(got.Column(data.Target).Floats)
		}
		return ""
	}
	if draw(0, 0, 1) != draw(0, 2, 1) {
		t.Error("without guidance a class makes a difference")
	}
	if draw(1, 0, 1) == draw(1, 2, 1) || draw(2, 0, 1) == draw(1, 0, 1) {
		t.Error("guidance changes nothing")
	}
	if draw(2, 1, 1) != draw(2, 1, 5) {
		t.Error("a sample depends on the others")
	}
}

func TestPicturesAlone(t *testing.T) {
	points := data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Vector, Shape: []int{2}}}}
	for _, name := range []string{"vae", "flow"} {
		for _, spec := range []data.Spec{points, written} {
			if _, err := registry.Choose[Family](name).Value.Model(spec); err == nil || !strings.Contains(err.Error(), "learns pictures") {
				t.Errorf("%s of %s: %v", name, spec, err)
			}
		}
	}
}
