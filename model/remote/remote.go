// Package remote asks language models at servers that speak the chat protocol of OpenAI, as
// Ollama, llama.cpp, vLLM and hosted services do (POST /chat/completions, answered as
// server-sent events). What a server sends is not trusted: lines, answers and waits are bounded.
package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"atelier/internal/badinput"
)

// The environment variables of the [Settings], which the command line reads.
const (
	AddressVariable = "ATELIER_REMOTE_URL"
	ModelVariable   = "ATELIER_REMOTE_MODEL"
	KeyVariable     = "ATELIER_REMOTE_KEY"
)

// Settings say where a server is.
type Settings struct {
	Address string // of its interface, such as http://localhost:11434/v1
	Model   string // that is asked where none is named; empty for the only one there is
	Key     string // for servers that want one; it is sent to the server and told nobody
}

// What is waited for and read at most.
const (
	mostConnect  = 15 * time.Second
	mostFirst    = 5 * time.Minute // until an answer begins: a model may have to be loaded
	mostQuiet    = 2 * time.Minute // between two pieces of an answer
	mostWhole    = time.Hour       // for an answer
	mostBackoff  = time.Minute     // that a server may ask to wait before it is asked again
	firstBackoff = time.Second     // doubles with each try
	tries        = 4
	mostLine     = 1 << 20 // bytes of an event
	mostAnswer   = 8 << 20 // bytes of an answer
	mostList     = 4 << 20 // bytes of the list of models
	mostProblem  = 64 << 10
	mostName     = 200 // characters of a name or a message
	mostListed   = 8   // models in a message
)

// limits are the waits, which tests shorten.
type limits struct{ first, quiet, whole, backoff time.Duration }

// A Client asks one server. It is safe for several goroutines.
type Client struct {
	base  *url.URL
	key   string
	model string
	kind  string
	http  *http.Client
	wait  limits
}

// Open returns a client for a model of a server, the one of the settings if the name is empty. It
// asks the server which models it has. Settings that cannot be right are errors of [badinput].
func Open(ctx context.Context, s Settings, name string) (*Client, error) {
	return open(ctx, s, name, limits{mostFirst, mostQuiet, mostWhole, firstBackoff})
}

func open(ctx context.Context, s Settings, name string, wait limits) (*Client, error) {
	base, err := s.base()
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone() // with the environment's proxy
	t.DialContext = (&net.Dialer{Timeout: mostConnect}).DialContext
	t.ResponseHeaderTimeout, t.MaxResponseHeaderBytes = wait.first, 64<<10
	c := &Client{base: base, key: s.Key, model: name, wait: wait, kind: "OpenAI-compatible"}
	// A redirect could take the key elsewhere.
	c.http = &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if c.model == "" {
		c.model = s.Model
	}
	if err := c.look(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Model is the name of the model that is asked.
func (c *Client) Model() string { return printable(c.model) }

// Kind is what kind of server answers, such as Ollama, as far as it tells.
func (c *Client) Kind() string { return c.kind }

// Host is the server's name, with its port.
func (c *Client) Host() string { return c.base.Host }

// Local reports whether the server is on this machine.
func (c *Client) Local() bool { return isLocal(c.base.Hostname()) }

// base is the address, checked.
func (s Settings) base() (*url.URL, error) {
	if s.Address == "" {
		return nil, badinput.Errorf("the model remote: set %s to the address of an OpenAI-compatible server, such as http://localhost:11434/v1 for Ollama, http://localhost:8080/v1 for llama.cpp or http://localhost:8000/v1 for vLLM", AddressVariable)
	}
	u, err := url.Parse(strings.TrimRight(s.Address, "/"))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "": // it may hold a password: not told
		return nil, badinput.Errorf("%s: want an address such as http://localhost:11434/v1", AddressVariable)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, badinput.Errorf("%s: want an address without a name, a password or a query; a key goes into %s", AddressVariable, KeyVariable)
	case strings.ContainsFunc(s.Key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, badinput.Errorf("%s: want a key of printable ASCII characters without spaces", KeyVariable)
	case s.Key != "" && u.Scheme == "http" && !isNear(u.Hostname()):
		return nil, badinput.Errorf("%s: want https:// for %s: over http:// everybody on the way could read the key", AddressVariable, u.Hostname())
	}
	return u, nil
}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// isNear reports whether a host is on this machine or in its own network.
func isNear(host string) bool {
	a, err := netip.ParseAddr(host)
	return isLocal(host) || err == nil && a.IsPrivate() || err != nil && (!strings.Contains(host, ".") || strings.HasSuffix(host, ".local"))
}

// look asks which models there are, chooses one if none is named, and learns what kind of server it is.
func (c *Client) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.wait.quiet)
	defer cancel()
	resp, err := c.send(ctx, http.MethodGet, "/models", nil)
	if err != nil {
		if p := (*problem)(nil); errors.As(err, &p) && (p.status == http.StatusNotFound || p.status == http.StatusMethodNotAllowed) && c.model != "" {
			return nil // the list is optional
		}
		return explained(ctx, err)
	}
	defer resp.Body.Close()
	var list struct {
		Data []struct {
			ID    string `json:"id"`
			Owner string `json:"owned_by"`
		} `json:"data"`
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostList+1))
	if err != nil {
		return explained(ctx, fmt.Errorf("the model remote: %s breaks off the list of its models", c.base.Host))
	}
	if len(text) > mostList || json.Unmarshal(text, &list) != nil {
		return badinput.Errorf("the model remote: %s does not speak the protocol of OpenAI at %s (it answers with %s): is the address in %s right? %s", c.base.Host, cmp.Or(c.base.Path, "/"), cmp.Or(contentType(resp), "no content type"), AddressVariable, endsInV1)
	}
	var names []string
	for _, m := range list.Data {
		names = append(names, m.ID)
		if kind, ok := kinds[m.Owner]; ok {
			c.kind = kind
		}
	}
	switch {
	case c.model == "" && len(names) == 1:
		c.model = names[0]
	case c.model == "" && len(names) == 0:
		return badinput.Errorf("the model remote: %s lists no model: name one, as in --model remote:NAME, or in %s", c.base.Host, ModelVariable)
	case c.model == "":
		return badinput.Errorf("the model remote: %s has several models: name one, as in --model remote:NAME, or in %s; it has %s", c.base.Host, ModelVariable, listed(names))
	}
	return nil
}

// kinds are the servers by whom they say that their models belong to.
var kinds = map[string]string{"library": "Ollama", "llamacpp": "llama.cpp", "vllm": "vLLM", "openai": "OpenAI", "openai-internal": "OpenAI", "system": "OpenAI"}

// listed are the first of some names.
func listed(names []string) string {
	slices.Sort(names)
	all := make([]string, min(len(names), mostListed))
	for i := range all {
		all[i] = printable(names[i])
	}
	text := strings.Join(all, ", ")
	if more := len(names) - len(all); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// printable is the beginning of what a server said, fit for a line.
func printable(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }), " ")
	if r := []rune(text); len(r) > mostName {
		text = string(r[:mostName]) + "..."
	}
	return text
}
