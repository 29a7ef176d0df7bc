// Package fetch reads what strangers' servers offer, politely and with care: it
// refuses private addresses, keeps limits, waits between two requests to a host,
// and honours what a site says of robots and of mining.
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

// Agent is the name by which sites may speak to the program.
const Agent = "atelier"

// Settings are what a person may set about fetching; sources embed them.
type Settings struct {
	Delay        time.Duration `help:"least time between two requests to a host; a crawl delay in its robots.txt counts if it is longer"`
	Timeout      time.Duration `help:"most time for one request"`
	MaxMiB       int           `toml:"max_mib" help:"size of the largest answer that is taken, in MiB, 1 to 1024"`
	Redirects    int           `help:"most redirects that are followed, 0 to 20"`
	Retries      int           `help:"how often a busy or failing server is asked again, 0 to 10"`
	Contact      string        `help:"address or e-mail by which a site's owner can reach you; sent with every request"`
	AllowPrivate bool          `help:"whether private, local and link-local addresses may be asked, and a proxy of the environment used"`
}

// Defaults returns the settings that a stranger's server should be met with.
func Defaults() Settings {
	return Settings{Delay: time.Second, Timeout: time.Minute, MaxMiB: 64, Redirects: 5, Retries: 3}
}

// Check refuses settings outside their ranges.
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

// A Client fetches with one connection a host. It is safe for several goroutines.
type Client struct {
	// Hosts are those that Get may ask, also after a redirect; without any it may ask
	// all. They are lower-case, with their port where it is not the usual one.
	Hosts []string

	settings Settings
	http     *http.Client
	agent    string
	backoff  time.Duration // before the first retry; it doubles

	mu    sync.Mutex
	hosts map[string]*host // by scheme and host

	// Of tests: what names stand for, and addresses that count as public.
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

// Close lets go of the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// userAgent says honestly who asks.
func userAgent(contact string) string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = info.Main.Version
	}
	if contact == "" {
		return Agent + "/" + version + " (+collecting data for a model; no contact given)"
	}
	return Agent + "/" + version + " (+" + contact + ")"
}

// Parse returns the address of a page on the web without its fragment, its host in
// lower case and without the port that is the usual one.
func Parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, refuse(BadAddress, "%q is no address", address)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, refuse(BadAddress, "%q: want an address that starts with http:// or https://", address)
	case u.Hostname() == "":
		return nil, refuse(BadAddress, "%q has no host", address)
	case u.User != nil:
		return nil, refuse(BadAddress, "the address of %s holds a name or a password", u.Hostname())
	}
	u.Fragment, u.RawFragment = "", ""
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// A Refusal says why an address gave nothing. Its Reason is the same for all
// addresses that it happens to.
type Refusal struct {
	Reason, Detail string
	again          bool // whether asking again may help
}

func (r *Refusal) Error() string { return r.Reason + ": " + r.Detail }

// The reasons of refusals besides "HTTP 404" and the like.
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

// explain turns an error of a request into a refusal; what ended because ctx did
// stays as it is.
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
		return refuse(Private, "%s leads to %s; such addresses are asked only with allow_private", u.Host, private.addr)
	case errors.As(err, &dns) && dns.IsNotFound:
		return refuse(NoHost, "%s", u.Hostname())
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return &Refusal{Slow, u.String() + " took longer than allowed", true}
	}
	return &Refusal{Unreachable, fmt.Sprintf("%s: %v", u, err), true}
}
