package product

import (
	"runtime"
	"slices"
	"sync"

	"atelier/engine/tensor"
)

// A space is the memory of a task.
type space struct {
	a, b    []float32 // panels
	edge    []float32 // tiles at the edge of C
	edges   []int     // offsets of its rows
	offsets []int     // of the rows of C
	lengths []int     // of runs of A in place
	places  []int     // of these runs
}

// spaces keeps memory between products: a space for each concurrent thread, and a few shared
// panels. Allocation happens outside the lock.
type spaces struct {
	mu     sync.Mutex
	free   []*space
	shared [][]float32
}

// mostShared is the number of shared panels kept: one for each concurrent product, and one for a
// product that was interrupted.
func mostShared() int { return runtime.GOMAXPROCS(0) + 1 }

// floats returns aligned memory.
func floats(n int) []float32 { return tensor.As[float32](tensor.Memory(4 * n)) }

func (s *spaces) take(k *kernel) *space {
	if w := s.kept(); w != nil {
		return w
	}
	w := &space{
		a:    floats(maxRows * BlockDepth),
		b:    floats(k.cols * BlockDepth),
		edge: floats(maxRows * k.cols),
	}
	for i := range maxRows {
		w.edges = append(w.edges, i*k.cols)
	}
	return w
}

// kept returns a free space, or nil.
func (s *spaces) kept() *space {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.free)
	if n == 0 {
		return nil
	}
	w := s.free[n-1]
	s.free = s.free[:n-1]
	return w
}

func (s *spaces) give(w *space) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, w)
}

// takeShared returns memory for n elements.
func (s *spaces) takeShared(n int) []float32 {
	if m := s.keptShared(n); m != nil {
		return m
	}
	size := 1 << 16
	for size < n {
		size *= 2
	}
	return floats(size)
}

// keptShared returns a free shared panel that is large enough, or nil.
func (s *spaces) keptShared(n int) []float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.shared, func(m []float32) bool { return len(m) >= n })
	if at < 0 {
		return nil
	}
	m := s.shared[at]
	s.shared = slices.Delete(s.shared, at, at+1)
	return m
}

// giveShared keeps the largest panels.
func (s *spaces) giveShared(m []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shared) < mostShared() {
		s.shared = append(s.shared, m)
		return
	}
	for i, other := range s.shared {
		if len(other) < len(m) {
			s.shared[i] = m
			return
		}
	}
}
