// Package graphs keeps compiled graphs. A graph is compiled for one set of input
// shapes; gomlx's executor holds 32 of them, then fails, and never lets one go.
// Where sizes vary, a [Cache] keeps those used last, and [Bucket] makes many sizes
// few.
package graphs

import (
	"container/list"
	"fmt"
	"math/bits"
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A Cache runs one function of graphs on inputs of any shapes. It keeps the graphs
// of the shapes used last and finalises the others. Calls from several goroutines
// are safe if the function changes no variable; those that first make variables
// should come alone.
type Cache struct {
	capacity int
	prepare  func([]shapes.Shape) (*model.Exec, error)
	building *sync.Mutex

	mu     sync.Mutex // guards what follows, and users and evicted of the graphs
	closed bool
	order  *list.List // of *compiled, the one used last first
	byKey  map[string]*list.Element
}

// compiled is a graph for one set of shapes.
type compiled struct {
	key     string
	exec    func() (*model.Exec, error) // compiles once
	users   int                         // calls that are under way
	evicted bool
}

// New returns a cache of at most capacity graphs, at least one, of a function as
// [model.NewExec] takes it. Nothing is compiled yet.
func New[F model.ExecGraphFn](backend compute.Backend, store *model.Store, capacity int, fn F) *Cache {
	return &Cache{
		building: builder(store),
		capacity: max(capacity, 1),
		order:    list.New(),
		byKey:    map[string]*list.Element{},
		prepare: func(inputs []shapes.Shape) (*model.Exec, error) {
			exec, err := model.NewExec(backend, store, fn)
			if err != nil {
				return nil, err
			}
			if _, err := exec.Compile(inputs...); err != nil {
				exec.Finalize()
				return nil, err
			}
			return exec, nil
		},
	}
}

// builders are the locks of the stores that graphs are built for: a store is for one
// builder at a time.
var builders sync.Map // of weak.Pointer[model.Store] → *sync.Mutex

func builder(store *model.Store) *sync.Mutex {
	key := weak.Make(store)
	lock, known := builders.LoadOrStore(key, &sync.Mutex{})
	if !known {
		runtime.AddCleanup(store, func(key weak.Pointer[model.Store]) { builders.Delete(key) }, key)
	}
	return lock.(*sync.Mutex)
}

// Call runs the function on inputs, in a graph that is compiled if there is none
// for their shapes.
func (c *Cache) Call(inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	dims, args := make([]shapes.Shape, len(inputs)), make([]any, len(inputs))
	for i, in := range inputs {
		dims[i], args[i] = in.Shape(), in
	}
	g, err := c.acquire(dims)
	if err != nil {
		return nil, err
	}
	defer c.release(g)
	exec, err := g.exec()
	if err != nil {
		c.evict(g)
		return nil, err
	}
	return exec.Call(args...)
}

// Len is the number of graphs that are kept.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

// Finalize lets go of every graph; those in use go when their calls end. Later
// calls fail.
func (c *Cache) Finalize() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for c.order.Len() > 0 {
		c.remove(c.order.Back())
	}
}

// acquire returns the graph for inputs of these shapes, compiled or to be, and
// counts its caller as a user.
func (c *Cache) acquire(inputs []shapes.Shape) (*compiled, error) {
	key := keyOf(inputs)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("graph of %s: its cache is closed", key)
	}
	at, ok := c.byKey[key]
	if !ok {
		at = c.order.PushFront(&compiled{key: key, exec: sync.OnceValues(func() (*model.Exec, error) {
			c.building.Lock()
			defer c.building.Unlock()
			return c.prepare(inputs)
		})})
		c.byKey[key] = at
		for c.order.Len() > c.capacity {
			c.remove(c.order.Back())
		}
	}
	c.order.MoveToFront(at)
	g := at.Value.(*compiled)
	g.users++
	return g, nil
}

// release ends a use.
func (c *Cache) release(g *compiled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g.users--
	g.finalize()
}

// evict takes a graph out that could not be compiled, so that the next call tries
// again.
func (c *Cache) evict(g *compiled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byKey[g.key]; at != nil && at.Value == g {
		c.remove(at)
	}
}

// remove takes a graph out of the cache; c.mu is held.
func (c *Cache) remove(at *list.Element) {
	g := c.order.Remove(at).(*compiled)
	delete(c.byKey, g.key)
	g.evicted = true
	g.finalize()
}

// finalize frees a graph that is neither kept nor used.
func (g *compiled) finalize() {
	if !g.evicted || g.users > 0 {
		return
	}
	if exec, err := g.exec(); err == nil {
		exec.Finalize()
	}
}

// keyOf is the same for the same shapes alone.
func keyOf(inputs []shapes.Shape) string {
	var b strings.Builder
	for _, s := range inputs {
		b.WriteString(s.String())
	}
	return b.String()
}

// Bucket is the size that n is padded to: the least power of two that is not
// below it, 1 for n < 2. Sizes up to n need 1 + log2(n) graphs, rounded up, and
// less than half of the work is padding.
func Bucket(n int) int {
	if n < 2 {
		return 1
	}
	return 1 << bits.Len(uint(n-1))
}

// Batch is the size that a batch of n samples is padded to: 3, 6, 12, 24, 48 and so
// on. They are multiples of 3 because gomlx's Go backend sums the rows left over
// from blocks of 3 in another order; so a sample's numbers do not depend on the size.
func Batch(n int) int { return 3 * Bucket((n+2)/3) }
