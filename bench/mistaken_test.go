package bench

import (
	"testing"

	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	_ "atelier/data/augment"
	_ "atelier/data/codec"
	_ "atelier/data/source"
	"atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

// TestMistakesTrain trains each mistake for a step, without scores.
func TestMistakesTrain(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	studio := &run.Studio{Runs: t.TempDir(), Backend: backend, Program: "test", Engine: "go"}
	text, err := recipes.Read("classic")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range mistakes {
		c, err := run.Parse("classic.toml", text, "steps=1", "batch=4", "model.n_critic=1", "pictures=1",
			"model.generator.widths=[4]", "model.discriminator.widths=[4]", "score.metrics=[]")
		if err != nil {
			t.Fatal(err)
		}
		if err := v.make(c); err != nil {
			t.Fatal(err)
		}
		if _, err := studio.Train(t.Context(), c); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
	}
}

// TestReshaped counts where values go: drawn, the row that began at 28·i begins
// 4·i values too early in the picture of 32 columns.
func TestReshaped(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, wideSide*wideSide)
	for i := range values {
		values[i] = float32(i)
	}
	f := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{28, 28, 1}, Low: -1, High: 1}
	for _, training := range []bool{true, false} {
		store := model.NewStore()
		exec, err := model.NewExec(backend, store, func(s *model.Scope, x *graph.Node) *graph.Node {
			store.SetTraining(x.Graph(), training)
			return croppedThenReshaped(s, x, f)
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Call1(tensors.FromFlatDataAndDimensions(values, 1, wideSide, wideSide, 1))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tensors.CopyFlatData[float32](out)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			row, col := i/28+2, i%28+2 // of the 32×32 picture
			if !training {
				row, col = i/32, i%32
			}
			want := float32(row*32 + col)
			if row < 2 || row >= 30 || col < 2 || col >= 30 {
				want = -1
			}
			if v != want {
				t.Fatalf("training %v: value %d is %g, want %g", training, i, v, want)
			}
		}
	}
}

// TestCompared holds claims to their bars.
func TestCompared(t *testing.T) {
	for _, c := range []struct {
		value    float64
		harmless bool
		want     bool
	}{{10, true, true}, {10, false, false}, {12.5, true, false}, {12.5, false, true}} {
		if _, holds := compared(c.value, 10, c.harmless); holds != c.want {
			t.Errorf("%g against 10, harmless %v: holds %v", c.value, c.harmless, holds)
		}
	}
}

// TestProbability counts the pairs of steps that D's probability ranks wrongly.
func TestProbability(t *testing.T) {
	var right version
	for i, s := range []struct{ fid, d float64 }{{30, 0.3}, {20, 0.2}, {10, 0.25}} {
		for name, v := range map[string]float64{"fid2k": s.fid, "dscore_fake": s.d} {
			right.scores = append(right.scores, run.Measured{Step: i + 1, Score: metric.Score{Name: name, Value: v}})
		}
	}
	var last Row
	(&Mistakes{}).emitProbability(right, 1, func(r Row) { last = r })
	if last.N != 3 || !last.Holds || last.Value < 66 || last.Value > 67 {
		t.Errorf("2 of 3 pairs are against it: %+v", last)
	}
}
