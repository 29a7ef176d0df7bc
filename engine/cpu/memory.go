package cpu

import (
	"cmp"
	"slices"
	"sync"

	"atelier/engine/tensor"
)

// kept is how many bytes of free memory the backend holds on to, but for one arena.
const kept = 512 << 20

// memory is what results are written to, taken and given back by size, and what
// stands between them, the arenas.
type memory struct {
	mu     sync.Mutex
	free   map[int][][]byte
	bytes  int
	arenas [][]byte // free ones, the smallest first
}

// take returns aligned memory that may hold anything.
func (m *memory) take(n int) []byte {
	m.mu.Lock()
	if list := m.free[n]; len(list) > 0 {
		b := list[len(list)-1]
		m.free[n] = list[:len(list)-1]
		m.bytes -= n
		m.mu.Unlock()
		return b
	}
	m.mu.Unlock()
	return tensor.Memory(n)
}

// give hands memory back that nobody reads any more.
func (m *memory) give(b []byte) {
	if len(b) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bytes+len(b) > kept {
		return
	}
	if m.free == nil {
		m.free = map[int][][]byte{}
	}
	m.free[len(b)] = append(m.free[len(b)], b)
	m.bytes += len(b)
}

// arena returns memory of at least n bytes: the smallest that is free and large
// enough. If all are too small the smallest is let go.
func (m *memory) arena(n int) []byte {
	if n == 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, _ := slices.BinarySearchFunc(m.arenas, n, func(a []byte, n int) int { return cmp.Compare(len(a), n) })
	if at < len(m.arenas) {
		a := m.arenas[at]
		m.arenas = slices.Delete(m.arenas, at, at+1)
		return a
	}
	if len(m.arenas) > 0 {
		m.arenas = slices.Delete(m.arenas, 0, 1)
	}
	return tensor.Memory(n)
}

func (m *memory) giveArena(b []byte) {
	if len(b) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, _ := slices.BinarySearchFunc(m.arenas, len(b), func(a []byte, n int) int { return cmp.Compare(len(a), n) })
	m.arenas = slices.Insert(m.arenas, at, b)
}
