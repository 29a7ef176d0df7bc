package cpu

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Cost is the cost of one kind of operation.
type Cost struct {
	Name     string // the operation
	Fallback bool   // whether it ran on gomlx's Go backend
	Calls    int
	Time     time.Duration
	Bytes    int     // read and written
	Flops    float64 // additions and multiplications of products and convolutions; not counted for others
}

// profile adds up costs while it is on.
type profile struct {
	on    atomic.Bool
	mu    sync.Mutex
	costs map[string]*Cost
}

// Profile starts measuring the cost of operations.
func (b *Backend) Profile() { b.profile.on.Store(true) }

// Costs returns the costs since Profile, the most expensive first.
func (b *Backend) Costs() []Cost {
	b.profile.mu.Lock()
	defer b.profile.mu.Unlock()
	var out []Cost
	for _, c := range b.profile.costs {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(x, y Cost) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Name, y.Name))
	})
	return out
}

func (p *profile) add(s *draft, bytes int, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := s.name
	if s.fallback {
		key += " (fallback)"
	}
	if p.costs == nil {
		p.costs = map[string]*Cost{}
	}
	c := p.costs[key]
	if c == nil {
		c = &Cost{Name: s.name, Fallback: s.fallback}
		p.costs[key] = c
	}
	c.Calls++
	c.Time += took
	c.Bytes += bytes
	c.Flops += s.flops
}
