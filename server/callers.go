package server

import (
	"sync"

	"golang.org/x/time/rate"
)

// callers counts what each caller does.
type callers struct {
	limits  Limits
	mu      sync.Mutex
	rates   map[string]*rate.Limiter
	streams map[string]int
	waiting int
}

func (c *callers) init(l Limits) {
	c.limits, c.rates, c.streams = l, map[string]*rate.Limiter{}, map[string]int{}
}

// mostCallers is how many callers are told apart; beyond it they are forgotten and begin anew.
const mostCallers = 4096

// may reports whether a caller may send another request now.
func (c *callers) may(key string) bool {
	c.mu.Lock()
	l := c.rates[key]
	if l == nil {
		if len(c.rates) >= mostCallers {
			clear(c.rates)
		}
		l = rate.NewLimiter(rate.Limit(c.limits.Rate), c.limits.Burst)
		c.rates[key] = l
	}
	c.mu.Unlock()
	return l.Allow()
}

// follow counts a stream of a caller, until its user calls done.
func (c *callers) follow(key string) (done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streams[key] >= c.limits.Streams {
		return nil, false
	}
	c.streams[key]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.streams[key]--; c.streams[key] == 0 {
			delete(c.streams, key)
		}
	}, true
}

// wait counts a request that waits for its job, until its user calls done.
func (c *callers) wait() (done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting >= c.limits.Waiting {
		return nil, false
	}
	c.waiting++
	return func() { c.mu.Lock(); c.waiting--; c.mu.Unlock() }, true
}
