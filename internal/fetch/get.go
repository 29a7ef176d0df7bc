package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Page is a successful response.
type Page struct {
	// URL is the final address, after redirects.
	URL *url.URL
	// MediaType is the type of the body without parameters, such as "text/html": the declared one,
	// or else as detected from the bytes.
	MediaType string
	Header    http.Header
	Body      []byte
	// Rights are the site's reservations.
	Rights Rights
}

// Get fetches an address if its site allows robots there. It follows redirects, retries when a
// server is busy, and returns a [*Refusal] for what it cannot or must not fetch; any other error is
// that of ctx.
func (c *Client) Get(ctx context.Context, address string) (*Page, error) {
	u, err := Parse(address)
	if err != nil {
		return nil, err
	}
	for range c.settings.Redirects + 1 {
		if !c.May(u) {
			return nil, refuse(OtherHost, "%s leads to %s, which is not an allowed host", address, u.Host)
		}
		page, next, err := c.hop(ctx, u)
		if err != nil || next == nil {
			return page, err
		}
		u = next
	}
	return nil, refuse(ManyRedirects, "%s redirects more than %d times", address, c.settings.Redirects)
}

// hop makes the next request and returns a page or the redirect.
func (c *Client) hop(ctx context.Context, u *url.URL) (*Page, *url.URL, error) {
	h := c.host(u)
	if err := h.acquire(ctx); err != nil {
		return nil, nil, err
	}
	defer h.release()
	if err := c.learn(ctx, h, u); err != nil {
		return nil, nil, err
	}
	if err := h.rules.allow(u); err != nil {
		return nil, nil, err
	}
	resp, body, err := c.patient(ctx, h, u, int64(c.settings.MaxMiB)<<20)
	if err != nil {
		return nil, nil, err
	}
	if next, err := redirect(u, resp); next != nil || err != nil {
		return nil, next, err
	}
	page := &Page{URL: u, Header: resp.Header, Body: body, MediaType: mediaType(resp.Header.Get("Content-Type"), body)}
	page.Rights = rightsOf(page)
	return page, nil, nil
}

// May reports whether an address is on an allowed host.
func (c *Client) May(u *url.URL) bool { return len(c.Hosts) == 0 || slices.Contains(c.Hosts, u.Host) }

// patient makes a request, waiting and retrying as needed.
func (c *Client) patient(ctx context.Context, h *host, u *url.URL, limit int64) (*http.Response, []byte, error) {
	wait := c.backoff
	for try := 0; ; try++ {
		if err := h.pause(ctx); err != nil {
			return nil, nil, err
		}
		resp, body, err := c.ask(ctx, u, limit)
		h.notBefore(c.settings.Delay)
		if h.rules != nil {
			h.notBefore(h.rules.delay)
		}
		var r *Refusal
		if err == nil || !errors.As(err, &r) || !r.again {
			return resp, body, err
		}
		if resp != nil {
			if busy := retryAfter(resp.Header); busy > maxBusy {
				return nil, nil, refuse(Busy, "%s answers %s and asks to wait %s", u, resp.Status, busy.Round(time.Second))
			} else if busy > 0 {
				wait = busy
			}
		}
		if try == c.settings.Retries {
			return resp, nil, err
		}
		h.notBefore(wait)
		wait *= 2
	}
}

// ask makes one request. A response that is neither success nor redirect is a refusal.
func (c *Client) ask(ctx context.Context, u *url.URL, limit int64) (*http.Response, []byte, error) {
	timed, cancel := context.WithTimeout(ctx, c.settings.Timeout)
	defer cancel()
	req, err := c.request(timed, u)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, explain(ctx, u, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		io.CopyN(io.Discard, resp.Body, 16<<10) // so that the connection can be reused
	}
	if resp.StatusCode >= 400 || resp.StatusCode < 200 {
		return resp, nil, &Refusal{fmt.Sprint("HTTP ", resp.StatusCode), u.String() + " answers " + resp.Status, busy(resp.StatusCode)}
	}
	if resp.StatusCode >= 300 {
		return resp, nil, nil
	}
	if resp.ContentLength > limit {
		return nil, nil, tooLarge(u, limit)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, nil, explain(ctx, u, err)
	case int64(len(body)) > limit:
		return nil, nil, tooLarge(u, limit)
	}
	return resp, body, nil
}

func (c *Client) request(ctx context.Context, u *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refuse(BadAddress, "%s: %v", u, err)
	}
	req.Header.Set("User-Agent", c.agent)
	return req, nil
}

func busy(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}

func tooLarge(u *url.URL, limit int64) error {
	return refuse(TooLarge, "%s has more than %d MiB", u, limit>>20)
}

// redirect returns the target of a redirect, or nil.
func redirect(u *url.URL, resp *http.Response) (*url.URL, error) {
	if resp.StatusCode < 300 {
		return nil, nil
	}
	to, err := resp.Location()
	if err != nil {
		return nil, refuse(fmt.Sprint("HTTP ", resp.StatusCode), "%s answers %s without saying where to", u, resp.Status)
	}
	return Parse(to.String())
}

// mediaType is the declared or the detected media type.
func mediaType(header string, body []byte) string {
	t, _, err := mime.ParseMediaType(header)
	if err != nil || t == "" || t == "application/octet-stream" || t == "binary/octet-stream" {
		t, _, _ = strings.Cut(http.DetectContentType(body), ";")
	}
	return t
}
