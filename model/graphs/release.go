package graphs

import (
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// held is the state of a store: its builder lock and its graphs, which it does not keep
// alive.
type held struct {
	building sync.Mutex // one builder at a time per store

	mu     sync.Mutex
	caches []weak.Pointer[Cache]
}

// stores are the stores with graphs.
var stores sync.Map // of weak.Pointer[model.Store] → *held

func of(store *model.Store) *held {
	key := weak.Make(store)
	h, known := stores.LoadOrStore(key, &held{})
	if !known {
		runtime.AddCleanup(store, func(key weak.Pointer[model.Store]) { stores.Delete(key) }, key)
	}
	return h.(*held)
}

// added appends a pointer, and drops those whose graphs are gone.
func added[T any](all []weak.Pointer[T], v *T) []weak.Pointer[T] {
	return append(slices.DeleteFunc(all, func(p weak.Pointer[T]) bool { return p.Value() == nil }), weak.Make(v))
}

func (h *held) cache(c *Cache) *Cache {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.caches = added(h.caches, c)
	return c
}

// each calls a function with the remaining graphs.
func (h *held) each(do func(*Cache)) {
	h.mu.Lock()
	caches := slices.Clone(h.caches)
	h.mu.Unlock()
	for _, p := range caches {
		if c := p.Value(); c != nil {
			do(c)
		}
	}
}

// Bytes is the largest memory of a store and its graphs: the variables, and the memory to
// run the graphs.
func Bytes(store *model.Store) (bytes int64) {
	for v := range store.IterVariables() {
		bytes += int64(v.Shape().ByteSize())
	}
	of(store).each(func(c *Cache) { bytes += c.bytes() })
	return bytes
}

// Release frees all graphs of a store and its variables, which must not be used any more:
// later calls fail.
func Release(store *model.Store) {
	of(store).each((*Cache).Finalize)
	store.Finalize()
}

// memory is the memory of an execution of a graph besides its inputs, 0 if the backend does
// not report it.
func memory(g *graph.Graph) int64 {
	if e, ok := g.Executable().(interface{ Memory() int64 }); ok {
		return e.Memory()
	}
	return 0
}

// View returns a store that shares the current values of another: variables created or
// updated in it do not appear in the other. The other must not be trained meanwhile.
func View(of *model.Store) (*model.Store, error) {
	view := model.NewStore()
	for v := range of.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		copied, err := view.CreateVariable(v.Path(), value)
		if err != nil {
			return nil, err
		}
		copied.SetTrainable(v.Trainable)
	}
	return view, nil
}
