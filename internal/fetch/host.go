package fetch

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxWait is the longest that a host is waited for between two requests.
const maxWait = 10 * time.Minute

// maxBusy is the longest Retry-After that is waited for.
const maxBusy = 2 * time.Minute

// A host is asked one thing at a time, with a pause in between.
type host struct {
	free  chan struct{} // holds one token while nobody asks
	next  time.Time     // not to be asked before
	rules *rules        // nil until they were read
}

// host returns the one of an address, the same each time.
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

// acquire waits until nobody else asks the host.
func (h *host) acquire(ctx context.Context) error {
	select {
	case <-h.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) release() { h.free <- struct{}{} }

// pause waits until the host may be asked again.
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

// notBefore keeps the host from being asked for a while.
func (h *host) notBefore(wait time.Duration) {
	if t := time.Now().Add(wait); t.After(h.next) {
		h.next = t
	}
}

// retryAfter is how long a busy server asks to be left alone; 0 if it does not say.
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
