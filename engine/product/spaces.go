package product

import (
	"sync"

	"atelier/engine/tensor"
)

// A space is what a task works in.
type space struct {
	a, b    []float32 // panels
	edge    []float32 // tiles at the edge of C
	edges   []int     // offsets of its rows
	offsets []int     // of the rows of C
	lengths []int     // of runs of A in place
	places  []int     // of these runs
}

// spaces keeps memory between products: a space for each thread that was ever at
// work at once, and a few shared panels.
type spaces struct {
	mu     sync.Mutex
	free   []*space
	shared [][]float32
}

// keptShared is how many shared panels are kept.
const keptShared = 2

// floats returns aligned memory.
func floats(n int) []float32 { return tensor.As[float32](tensor.Memory(4 * n)) }

func (s *spaces) take(k *kernel) *space {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		w := s.free[n-1]
		s.free = s.free[:n-1]
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

func (s *spaces) give(w *space) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, w)
}

// takeShared returns memory for n elements.
func (s *spaces) takeShared(n int) []float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.shared {
		if len(m) >= n {
			s.shared = append(s.shared[:i], s.shared[i+1:]...)
			return m
		}
	}
	size := 1 << 16
	for size < n {
		size *= 2
	}
	return floats(size)
}

// giveShared keeps the largest.
func (s *spaces) giveShared(m []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shared) < keptShared {
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
