package cpu

import (
	"sync"

	"atelier/engine/tensor"
)

// kept is how many bytes of free memory the backend holds on to.
const kept = 512 << 20

// memory is what values between operations are written to, taken and given back
// by size.
type memory struct {
	mu    sync.Mutex
	free  map[int][][]byte
	bytes int
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
