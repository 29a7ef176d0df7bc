package cpu

import (
	"cmp"
	"slices"
	"sync"

	"atelier/engine/tensor"
)

// kept is the number of bytes of free memory that the backend keeps, apart from one arena.
const kept = 512 << 20

// memory manages buffers for results, by size, and arenas for intermediate values.
type memory struct {
	mu     sync.Mutex
	free   map[int][][]byte
	bytes  int
	arenas [][]byte // free ones, the smallest first
}

// take returns aligned memory with arbitrary contents.
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

// give returns memory that is no longer read.
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

// arena returns at least n bytes: the smallest free arena that is large enough. If all are too
// small, the smallest is freed.
func (m *memory) arena(n int) []byte {
	if n == 0 {
		return nil
	}
	if a := m.freeArena(n); a != nil {
		return a
	}
	return tensor.Memory(n) // outside the lock
}

// freeArena returns a free arena that is large enough, or nil.
func (m *memory) freeArena(n int) []byte {
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
	return nil
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

// clear frees all cached memory.
func (m *memory) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free, m.bytes, m.arenas = nil, 0, nil
}
