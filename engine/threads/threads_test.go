package threads

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestEveryTaskOnce(t *testing.T) {
	for _, size := range []int{1, 2, 3, 8} {
		p := New(size)
		for _, tasks := range []int{0, 1, 2, 7, 1000} {
			done := make([]atomic.Int32, tasks)
			p.Run(tasks, func(worker, task int) {
				if worker < 0 || worker >= size {
					t.Errorf("worker %d of %d", worker, size)
				}
				done[task].Add(1)
			})
			for i := range done {
				if n := done[i].Load(); n != 1 {
					t.Errorf("%d threads, %d tasks: task %d was done %d times", size, tasks, i, n)
				}
			}
		}
	}
}

func TestWorkersAreNotShared(t *testing.T) {
	p := New(4)
	var taken [4]atomic.Bool
	p.Run(200, func(worker, _ int) {
		if !taken[worker].CompareAndSwap(false, true) {
			t.Errorf("worker %d does two tasks at once", worker)
		}
		runtime.Gosched() // so that others take a turn
		taken[worker].Store(false)
	})
}

func TestNestedAndConcurrent(t *testing.T) {
	p := New(3)
	var sum atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				p.Run(8, func(_, i int) {
					p.Run(2, func(_, k int) { sum.Add(int64(i + k)) })
				})
			}
		})
	}
	all.Wait()
	if want := int64(4 * 50 * (2*28 + 8)); sum.Load() != want {
		t.Errorf("sum %d, want %d", sum.Load(), want)
	}
}

func TestParkedHelpersWake(t *testing.T) {
	p := New(2)
	for range 3 {
		for !p.helpers[0].parked.Load() {
			runtime.Gosched()
		}
		var n atomic.Int32
		p.Run(2, func(_, _ int) { n.Add(1) })
		if n.Load() != 2 {
			t.Fatal("a task was lost")
		}
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	p := New(2)
	defer func() {
		if v := recover(); v != "broken" {
			t.Errorf("recovered %v", v)
		}
		p.Run(4, func(_, _ int) {}) // the pool still works
	}()
	p.Run(100, func(_, i int) {
		if i == 50 {
			panic("broken")
		}
	})
}

func BenchmarkRun(b *testing.B) {
	p := New(2)
	for b.Loop() {
		p.Run(2, func(_, _ int) {})
	}
}

// A pool that was closed has no threads left but its callers, and works on with those.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		p := New(4)
		p.Run(100, func(int, int) {})
		p.Close()
		p.Close()
		var done atomic.Int32
		p.Run(100, func(worker, _ int) {
			if worker != 0 {
				t.Errorf("worker %d is still there", worker)
			}
			done.Add(1)
		})
		if done.Load() != 100 {
			t.Errorf("%d of 100 tasks were done", done.Load())
		}
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines run, before it were %d", now, before)
	}
	Single().Close()
}
