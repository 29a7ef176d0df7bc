package graphs

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"pgregory.net/rapid"
)

func backend(t *testing.T) compute.Backend {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return b
}

// weighted multiplies by a variable that is 3 and counts how often a graph is made.
func weighted(made *atomic.Int64) func(*model.Scope, *graph.Node) *graph.Node {
	return func(s *model.Scope, x *graph.Node) *graph.Node {
		made.Add(1)
		w := s.VariableWithValue("w", float32(3)).NodeValue(x.Graph())
		return graph.Exp(graph.Mul(x, w)) // [n]
	}
}

func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i) / float32(n)
	}
	return x
}

// run calls the cache with a ramp of n values.
func run(c *Cache, n int) ([]float32, error) {
	out, err := c.Call(tensors.FromFlatDataAndDimensions(ramp(n), n))
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float32](out[0])
}

func TestManySizes(t *testing.T) {
	const sizes, capacity = 100, 8
	var made atomic.Int64
	c := New(backend(t), model.NewStore(), capacity, weighted(&made))
	first := map[int][]float32{}
	for round := range 2 {
		for n := 1; n <= sizes; n++ {
			got, err := run(c, n)
			if err != nil {
				t.Fatalf("size %d: %v", n, err)
			}
			if round == 0 {
				first[n] = got
				alone := New(backend(t), model.NewStore(), 1, weighted(new(atomic.Int64)))
				if want, err := run(alone, n); err != nil || !slices.Equal(got, want) {
					t.Fatalf("size %d: %v, alone %v, %v", n, got, want, err)
				}
				alone.Finalize()
			} else if !slices.Equal(got, first[n]) {
				t.Errorf("size %d: compiled again it gives %v, before %v", n, got, first[n])
			}
			if c.Len() > capacity {
				t.Fatalf("%d graphs are kept, more than %d", c.Len(), capacity)
			}
		}
	}
	if made.Load() != 2*sizes {
		t.Errorf("%d graphs were made for %d sizes in two rounds", made.Load(), sizes)
	}
}

func TestTheLeastRecentlyUsedGoes(t *testing.T) {
	var made atomic.Int64
	c := New(backend(t), model.NewStore(), 2, weighted(&made))
	for _, step := range []struct{ size, made int }{
		{1, 1}, {2, 2}, {1, 2}, {3, 3}, {1, 3}, {2, 4}, {1, 4}, {3, 5},
	} {
		if _, err := run(c, step.size); err != nil {
			t.Fatal(err)
		}
		if int(made.Load()) != step.made {
			t.Errorf("after size %d: %d graphs made, want %d", step.size, made.Load(), step.made)
		}
	}
}

func TestTogether(t *testing.T) {
	var made atomic.Int64
	c := New(backend(t), model.NewStore(), 3, weighted(&made))
	want := map[int][]float32{}
	for n := 1; n <= 12; n++ {
		got, err := run(c, n)
		if err != nil {
			t.Fatal(err)
		}
		want[n] = got
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 60 {
				n := (i*(worker+1))%12 + 1
				if got, err := run(c, n); err != nil || !slices.Equal(got, want[n]) {
					t.Errorf("size %d: %v, %v; want %v", n, got, err, want[n])
				}
			}
		})
	}
	wg.Wait()
	if c.Len() > 3 {
		t.Errorf("%d graphs are kept, more than 3", c.Len())
	}
}

// One size that several ask for at once is compiled once.
func TestCompiledOnce(t *testing.T) {
	var made atomic.Int64
	c := New(backend(t), model.NewStore(), 3, weighted(&made))
	if _, err := run(c, 1); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := run(c, 7); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 2 {
		t.Errorf("%d graphs made for two sizes", made.Load())
	}
}

func TestFailure(t *testing.T) {
	wrong := errors.New("no graph today")
	fail := true
	c := New(backend(t), model.NewStore(), 2, func(_ *model.Scope, x *graph.Node) *graph.Node {
		if fail {
			panic(wrong)
		}
		return graph.Neg(x)
	})
	if _, err := run(c, 2); !errors.Is(err, wrong) {
		t.Errorf("a graph that cannot be made: %v", err)
	}
	if c.Len() != 0 {
		t.Error("a graph that could not be made is kept")
	}
	fail = false
	if got, err := run(c, 2); err != nil || !slices.Equal(got, []float32{0, -0.5}) {
		t.Errorf("after a failure: %v, %v", got, err)
	}
	c.Finalize()
	if _, err := run(c, 2); err == nil || !strings.Contains(err.Error(), "closed") || c.Len() != 0 {
		t.Errorf("after Finalize: %v", err)
	}
}

// Variables that a call changes keep their values from graph to graph.
func TestVariables(t *testing.T) {
	store := model.NewStore()
	c := New(backend(t), store, 1, func(s *model.Scope, x *graph.Node) *graph.Node {
		sum := s.VariableWithValue("sum", float32(0))
		total := graph.Add(sum.NodeValue(x.Graph()), graph.ReduceAllSum(x))
		sum.SetNodeValue(total)
		return graph.Reshape(total, 1) // [1]
	})
	total := float32(0)
	for n := 1; n < 6; n++ {
		for _, v := range ramp(n) {
			total += v
		}
		got, err := run(c, n)
		if err != nil || len(got) != 1 || got[0]-total > 1e-5 || total-got[0] > 1e-5 {
			t.Errorf("sum after size %d: %v, %v; want %v", n, got, err, total)
		}
	}
}

func TestBucket(t *testing.T) {
	for n, want := range map[int]int{-3: 1, 0: 1, 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 64: 64, 65: 128, 1 << 40: 1 << 40} {
		if got := Bucket(n); got != want {
			t.Errorf("Bucket(%d) = %d, want %d", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 1<<50).Draw(t, "n")
		if b := Bucket(n); b < n || b >= 2*n || b&(b-1) != 0 {
			t.Errorf("Bucket(%d) = %d", n, b)
		}
	})
}

func TestBatch(t *testing.T) {
	for n, want := range map[int]int{0: 3, 1: 3, 3: 3, 4: 6, 7: 12, 24: 24, 25: 48, 48: 48} {
		if got := Batch(n); got != want {
			t.Errorf("Batch(%d) = %d, want %d", n, got, want)
		}
	}
}
