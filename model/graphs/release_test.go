package graphs

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
)

// What is released takes nothing, and cannot be used; graphs that nobody has are not counted.
func TestRelease(t *testing.T) {
	store, b := model.NewStore(), backend(t)
	a, c := New(b, store, 2, weighted(new(atomic.Int64))), New(b, store, 2, weighted(new(atomic.Int64)))
	for _, cache := range []*Cache{a, c} {
		if _, err := run(cache, 3); err != nil {
			t.Fatal(err)
		}
	}
	if n := Bytes(store); n < 4 {
		t.Errorf("a variable of 4 bytes and its graphs take %d", n)
	}
	for range 3 {
		New(b, store, 2, weighted(new(atomic.Int64)))
		runtime.GC()
	}
	if n := len(of(store).caches); n > 4 {
		t.Errorf("%d caches are known, of which two are left", n)
	}
	Release(store)
	if n := Bytes(store); n != 0 {
		t.Errorf("what was released takes %d bytes", n)
	}
	if _, err := run(a, 3); err == nil || a.Len() != 0 {
		t.Error("a graph that was released runs")
	}
	runtime.KeepAlive(c)
}
