package server

import (
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// callers counts what each caller does.
type callers struct {
	limits            Limits
	mu                sync.Mutex
	rates             map[string]*rate.Limiter
	streams, requests place
}

func (c *callers) init(l Limits) {
	c.limits, c.rates = l, map[string]*rate.Limiter{}
	c.streams, c.requests = place{of: map[string]int{}}, place{of: map[string]int{}}
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

// A place is something of which a caller, and all callers, may have so many at once.
type place struct {
	of  map[string]int
	all int
}

// follow counts a stream of a caller, and wait a request that waits for its job, until the user calls
// done.
func (c *callers) follow(key string) (done func(), err error) {
	return c.take(&c.streams, key, "streams are followed", c.limits.Each.Streams, c.limits.All.Streams)
}

func (c *callers) wait(key string) (done func(), err error) {
	return c.take(&c.requests, key, "requests wait for their jobs", c.limits.Each.Requests, c.limits.All.Requests)
}

// take takes one of the places, within the bounds for a caller other than the owner, and for all.
func (c *callers) take(p *place, key, what string, each, all int) (done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case p.all >= all:
		return nil, laterf(http.StatusTooManyRequests, 1, "%d %s already, of all callers; try again soon", p.all, what)
	case p.of[key] >= each && key != ownerName:
		return nil, laterf(http.StatusTooManyRequests, 1, "%d %s already, of this token; try again soon", p.of[key], what)
	}
	p.all++
	p.of[key]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		p.all--
		if p.of[key]--; p.of[key] == 0 {
			delete(p.of, key)
		}
	}, nil
}
