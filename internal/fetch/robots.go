package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

// maxRules is the largest part of a robots.txt (RFC 9309, 2.5), and of a tdmrep.json, that is read.
const maxRules = 512 << 10

// rules apply to all pages of a host.
type rules struct {
	robots, usage, mining *robotstxt.Group // nil allows everything
	delay                 time.Duration
	sitemaps              []string
	none                  error // why nothing may be fetched, or nil
}

// allow returns a refusal for an address that the host excludes from robots or from mining.
func (r *rules) allow(u *url.URL) error {
	switch {
	case r.none != nil:
		return r.none
	case r.robots != nil && !r.robots.Test(u.RequestURI()):
		return refuse(ByRobots, "the robots.txt of %s keeps robots from %s", u.Host, u.Path)
	case r.usage != nil && !r.usage.Test(u.RequestURI()):
		return refuse(ByUsage, "the robots.txt of %s reserves %s from training", u.Host, u.Path)
	case r.mining != nil && !r.mining.Test(u.RequestURI()):
		return refuse(ByTDMFile, "%s reserves %s from text and data mining", u.Host, u.Path)
	}
	return nil
}

// readRules fetches the robots.txt (RFC 9309) and tdmrep.json (TDM Reservation Protocol, W3C
// Community Group 2024) of a host. A missing file allows everything; a server that keeps failing to
// return its robots.txt forbids everything. An error is that of ctx.
func (c *Client) readRules(ctx context.Context, h *host, u *url.URL) (*rules, error) {
	r := new(rules)
	text, err := c.rulesFile(ctx, h, u, "/robots.txt")
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		r.none = err
		return r, nil
	}
	if parsed, err := robotstxt.FromBytes(text); err != nil {
		r.none = refuse(NoRobots, "the robots.txt of %s cannot be read: %v", u.Host, err)
	} else {
		r.robots, r.sitemaps = parsed.FindGroup(Agent), parsed.Sitemaps
		r.usage, r.delay = parseUsage(text), r.robots.CrawlDelay
	}
	if r.delay > maxWait {
		r.none = refuse(ByRobots, "the robots.txt of %s asks for %s between two requests", u.Host, r.delay)
	}
	if r.none != nil {
		return r, nil
	}
	h.notBefore(r.delay)
	if text, err = c.rulesFile(ctx, h, u, "/.well-known/tdmrep.json"); err == nil {
		r.mining = parseTDM(text)
	}
	h.notBefore(r.delay)
	return r, ctx.Err()
}

// rulesFile reads a file of a host, empty if there is none; redirects to other hosts are followed.
func (c *Client) rulesFile(ctx context.Context, h *host, u *url.URL, path string) ([]byte, error) {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}
	for range 6 {
		resp, body, err := c.patient(ctx, h, at, maxRules)
		var r *Refusal
		switch {
		case resp != nil && resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
			return nil, nil
		case resp != nil && resp.StatusCode >= 400:
			return nil, refuse(NoRobots, "%s answers %s", at, resp.Status)
		case errors.As(err, &r) && (r.Reason == TooLarge || r.Reason == Busy):
			return nil, refuse(NoRobots, "%v", r)
		case err != nil:
			return nil, err
		}
		next, err := redirect(at, resp)
		if err != nil || next == nil {
			return body, err
		}
		at = next
	}
	return nil, nil // treated as missing: RFC 9309, 2.3.1.2
}

// parseTDM parses a tdmrep.json into robots rules: the longest location that matches an address
// decides. Invalid files are ignored.
func parseTDM(text []byte) *robotstxt.Group {
	var entries []struct {
		Location    string
		Reservation json.Number `json:"tdm-reservation"`
	}
	if json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &entries) != nil {
		return nil
	}
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, e := range entries {
		verb := map[json.Number]string{"1": "Disallow", "0": "Allow"}[e.Reservation]
		if verb == "" || !strings.HasPrefix(e.Location, "/") || strings.ContainsAny(e.Location, "\r\n#") {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", verb, e.Location)
	}
	parsed, err := robotstxt.FromString(b.String())
	if err != nil {
		return nil
	}
	return parsed.FindGroup("*")
}

// Sitemaps returns the sitemaps in a host's robots.txt, or else the default one.
func (c *Client) Sitemaps(ctx context.Context, address string) ([]string, error) {
	u, err := Parse(address)
	if err != nil {
		return nil, err
	}
	h := c.host(u)
	if err := h.acquire(ctx); err != nil {
		return nil, err
	}
	defer h.release()
	if err := c.learn(ctx, h, u); err != nil {
		return nil, err
	}
	if len(h.rules.sitemaps) > 0 {
		return h.rules.sitemaps, nil
	}
	return []string{(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/sitemap.xml"}).String()}, nil
}

// learn reads the rules of an acquired host, once.
func (c *Client) learn(ctx context.Context, h *host, u *url.URL) error {
	if h.rules != nil {
		return nil
	}
	r, err := c.readRules(ctx, h, u)
	if err == nil {
		h.rules = r
	}
	return err
}
