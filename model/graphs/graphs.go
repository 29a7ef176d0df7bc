// Package graphs caches compiled graphs. A graph is compiled for one set of input shapes;
// gomlx's executor holds 32 of them, then fails, and never frees one. If sizes vary, a
// [Cache] keeps the most recently used, and [Bucket] reduces the number of sizes.
package graphs

import (
	"container/list"
	"fmt"
	"math/bits"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A Cache runs a graph function on inputs of any shapes. It keeps the graphs of the most
// recently used shapes and finalises the others. Concurrent calls are safe if the function
// changes no variable; calls that create variables should not be concurrent.
type Cache struct {
	capacity int
	prepare  func([]shapes.Shape) (exec *model.Exec, bytes int64, err error)
	building *sync.Mutex

	mu     sync.Mutex // guards the fields below, and users and evicted of the graphs
	closed bool
	order  *list.List // of *compiled, most recently used first
	byKey  map[string]*list.Element
}

// compiled is a graph for one set of shapes.
type compiled struct {
	key     string
	exec    func() (*model.Exec, error) // compiles once
	bytes   atomic.Int64                // that it takes to run, once it is compiled
	users   int                         // calls that are under way
	evicted bool
}

// New returns a cache of at most capacity graphs, at least one, of a function for
// [model.NewExec]. Nothing is compiled yet.
func New[F model.ExecGraphFn](backend compute.Backend, store *model.Store, capacity int, fn F) *Cache {
	h := of(store)
	return h.cache(&Cache{
		building: &h.building,
		capacity: max(capacity, 1),
		order:    list.New(),
		byKey:    map[string]*list.Element{},
		prepare: func(inputs []shapes.Shape) (*model.Exec, int64, error) {
			exec, err := model.NewExec(backend, store, fn)
			if err != nil {
				return nil, 0, err
			}
			g, err := exec.Compile(inputs...)
			if err != nil {
				exec.Finalize()
				return nil, 0, err
			}
			return exec, memory(g), nil
		},
	})
}

// Call runs the function on inputs, and compiles a graph if there is none for their shapes.
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

// Len is the number of cached graphs.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

// bytes is the memory of the cached graphs.
func (c *Cache) bytes() (bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := c.order.Front(); at != nil; at = at.Next() {
		bytes += at.Value.(*compiled).bytes.Load()
	}
	return bytes
}

// Finalize frees all graphs; those in use are freed when their calls end. Later calls fail.
func (c *Cache) Finalize() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for c.order.Len() > 0 {
		c.remove(c.order.Back())
	}
}

// acquire returns the graph for inputs of these shapes, compiled or not yet, and counts its
// caller as a user.
func (c *Cache) acquire(inputs []shapes.Shape) (*compiled, error) {
	key := keyOf(inputs)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("graph of %s: its cache is closed", key)
	}
	at, ok := c.byKey[key]
	if !ok {
		made := &compiled{key: key}
		made.exec = sync.OnceValues(func() (*model.Exec, error) {
			c.building.Lock()
			defer c.building.Unlock()
			exec, bytes, err := c.prepare(inputs)
			made.bytes.Store(bytes)
			return exec, err
		})
		at = c.order.PushFront(made)
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

// evict removes a graph that could not be compiled, so that the next call tries again.
func (c *Cache) evict(g *compiled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byKey[g.key]; at != nil && at.Value == g {
		c.remove(at)
	}
}

// remove removes a graph from the cache; c.mu is held.
func (c *Cache) remove(at *list.Element) {
	g := c.order.Remove(at).(*compiled)
	delete(c.byKey, g.key)
	g.evicted = true
	g.finalize()
}

// finalize frees a graph that is neither cached nor in use.
func (g *compiled) finalize() {
	if !g.evicted || g.users > 0 {
		return
	}
	if exec, err := g.exec(); err == nil {
		exec.Finalize()
	}
}

// keyOf is a unique key of the shapes.
func keyOf(inputs []shapes.Shape) string {
	var b strings.Builder
	for _, s := range inputs {
		b.WriteString(s.String())
	}
	return b.String()
}

// Bucket is the size that n is padded to: the next power of two, 1 for n < 2. Sizes up to n
// need 1 + log2(n) graphs, rounded up, and less than half of the work is padding.
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
