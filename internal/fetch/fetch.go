// Package fetch downloads from untrusted servers, politely and defensively: it refuses private
// addresses, enforces limits, waits between requests to a host, and honours what a site says about
// robots and data mining.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"atelier/internal/registry"
)

// Agent is the user agent by which sites may address the program.
const Agent = "atelier"

// Settings are the user's settings for fetching; sources embed them.
type Settings struct {
	Delay        time.Duration `help:"shortest time between two requests to a host; a longer crawl delay in its robots.txt wins"`
	Timeout      time.Duration `help:"timeout of one request"`
	MaxMiB       int           `toml:"max_mib" help:"largest response accepted, in MiB, 1 to 1024"`
	Redirects    int           `help:"largest number of redirects followed, 0 to 20"`
	Retries      int           `help:"number of retries when a server is busy or failing, 0 to 10"`
	Contact      string        `help:"address or e-mail by which a site's owner can reach you; sent with every request"`
	AllowPrivate bool          `help:"also allow private, local and link-local addresses, and the environment's proxy"`
}

// Defaults returns the default settings for unknown servers.
func Defaults() Settings {
	return Settings{Delay: time.Second, Timeout: time.Minute, MaxMiB: 64, Redirects: 5, Retries: 3}
}

// Check rejects settings outside their ranges.
func (s *Settings) Check() error {
	switch {
	case s.Delay < 0 || s.Delay > maxWait:
		return registry.Unfit("delay", fmt.Sprintf("want 0s to %s, got %s", maxWait, s.Delay))
	case s.Timeout < time.Millisecond || s.Timeout > time.Hour:
		return registry.Unfit("timeout", fmt.Sprintf("want 1ms to 1h, got %s", s.Timeout))
	case s.MaxMiB < 1 || s.MaxMiB > 1024:
		return registry.Unfit("max_mib", fmt.Sprintf("want 1 to 1024, got %d", s.MaxMiB))
	case s.Redirects < 0 || s.Redirects > 20:
		return registry.Unfit("redirects", fmt.Sprintf("want 0 to 20, got %d", s.Redirects))
	case s.Retries < 0 || s.Retries > 10:
		return registry.Unfit("retries", fmt.Sprintf("want 0 to 10, got %d", s.Retries))
	}
	return nil
}

// A Client fetches with one connection per host. It is safe for concurrent use.
type Client struct {
	// Hosts are the only hosts that Get may contact, also after a redirect; if empty, all are
	// allowed. They are lower-case, with their port unless it is the default.
	Hosts []string

	settings Settings
	http     *http.Client
	agent    string
	backoff  time.Duration // before the first retry; it doubles each time

	mu    sync.Mutex
	hosts map[string]*host // by scheme and host

	// For tests: name resolution, and addresses that count as public.
	lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	exempt map[netip.AddrPort]bool
}

// New returns a client with the settings. It must be closed.
func New(s Settings) *Client {
	c := &Client{
		settings: s, agent: userAgent(s.Contact), backoff: time.Second, hosts: map[string]*host{},
		lookup: func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		},
	}
	t := &http.Transport{
		DialContext: c.dial, MaxConnsPerHost: 1, MaxIdleConns: 64, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	if s.AllowPrivate {
		t.Proxy = http.ProxyFromEnvironment
	}
	c.http = &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c
}

// NewFor returns a client that states another purpose than collecting data for a model, such as
// "reading for a person".
func NewFor(purpose string, s Settings) *Client {
	c := New(s)
	if s.Contact == "" {
		c.agent = strings.Replace(c.agent, collecting, purpose, 1)
	}
	return c
}

// collecting is the purpose that a client states by default.
const collecting = "collecting data for a model"

// Close closes the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// userAgent identifies the program.
func userAgent(contact string) string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = info.Main.Version
	}
	if contact == "" {
		return Agent + "/" + version + " (+" + collecting + "; no contact given)"
	}
	return Agent + "/" + version + " (+" + contact + ")"
}

// Parse returns the address of a web page without its fragment, with a lower-case host and without
// the default port.
func Parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, refuse(BadAddress, "%q is not a web address", address)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, refuse(BadAddress, "%q: want an address that starts with http:// or https://", address)
	case u.Hostname() == "":
		return nil, refuse(BadAddress, "%q has no host", address)
	case u.User != nil:
		return nil, refuse(BadAddress, "the address of %s contains a user name or a password", u.Hostname())
	}
	u.Fragment, u.RawFragment = "", ""
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// A Refusal says why an address gave nothing. Its Reason is the same for all addresses with the
// same problem.
type Refusal struct {
	Reason, Detail string
	again          bool // whether a retry may help
}

func (r *Refusal) Error() string { return r.Reason + ": " + r.Detail }

// Reasons of refusals besides "HTTP 404" and the like.
const (
	BadAddress    = "no web address"
	Private       = "private address"
	NoHost        = "no such host"
	Unreachable   = "unreachable"
	Slow          = "timeout"
	TooLarge      = "too large"
	ManyRedirects = "too many redirects"
	Busy          = "asks to wait too long"
	OtherHost     = "other host"
	ByRobots      = "robots.txt"
	NoRobots      = "robots.txt unavailable"
	ByUsage       = "reserved from training"
	ByTDMFile     = "tdmrep.json"
	ByTDMHeader   = "tdm-reservation"
	ByRobotsTag   = "X-Robots-Tag"
	ByMeta        = "meta robots"
)

func refuse(reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// explain turns an error of a request into a refusal; an error due to ctx is unchanged.
func explain(ctx context.Context, u *url.URL, err error) error {
	var dns *net.DNSError
	var private *privateError
	var timeout net.Error
	var refusal *Refusal
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refusal):
		return refusal
	case errors.As(err, &private):
		return refuse(Private, "%s leads to %s; such addresses are contacted only if allowed: --allow-private, or the setting allow_private", u.Host, private.addr)
	case errors.As(err, &dns) && dns.IsNotFound:
		return refuse(NoHost, "%s", u.Hostname())
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return &Refusal{Slow, u.String() + " took longer than allowed", true}
	}
	return &Refusal{Unreachable, fmt.Sprintf("%s: %v", u, err), true}
}
