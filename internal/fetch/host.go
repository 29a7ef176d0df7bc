package fetch

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxWait is the longest pause between two requests to a host.
const maxWait = 10 * time.Minute

// maxBusy is the longest Retry-After that is honoured.
const maxBusy = 2 * time.Minute

// A host is contacted one request at a time, with pauses in between.
type host struct {
	free  chan struct{} // holds one token while idle
	next  time.Time     // earliest time of the next request
	rules *rules        // nil until they are read
}

// host returns the host of an address, always the same one.
func (c *Client) host(u *url.URL) *host {
	key := u.Scheme + "://" + u.Host
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hosts[key]
	if h == nil {
		h = &host{free: make(chan struct{}, 1)}
		h.free <- struct{}{}
		c.hosts[key] = h
	}
	return h
}

// acquire waits for exclusive use of the host.
func (h *host) acquire(ctx context.Context) error {
	select {
	case <-h.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) release() { h.free <- struct{}{} }

// pause waits until the next request is allowed.
func (h *host) pause(ctx context.Context) error {
	t := time.NewTimer(time.Until(h.next))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// notBefore delays the next request.
func (h *host) notBefore(wait time.Duration) {
	if t := time.Now().Add(wait); t.After(h.next) {
		h.next = t
	}
}

// retryAfter is the delay that a busy server asks for; 0 if none.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 1e6)) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}
