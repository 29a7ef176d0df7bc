package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atelier/internal/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// quick are settings that do not wait between requests, and for answers as long as
// it takes.
func quick() Settings {
	s := Defaults()
	s.Delay, s.Timeout, s.MaxMiB, s.AllowPrivate = 0, time.Hour, 1, true
	return s
}

// client returns one that does not wait long between retries.
func client(t *testing.T, s Settings) *Client {
	c := New(s)
	c.backoff = time.Millisecond
	t.Cleanup(c.Close)
	return c
}

// site serves the handlers and counts the requests of each path.
func site(t *testing.T, pages map[string]http.HandlerFunc) (address string, count func(path string) int) {
	var mu sync.Mutex
	seen := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.URL.Path]++
		mu.Unlock()
		if page := pages[r.URL.Path]; page != nil {
			page(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, func(path string) int {
		mu.Lock()
		defer mu.Unlock()
		return seen[path]
	}
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
}

func to(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
}

// reason is that of a refusal, or the error as it is.
func reason(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return fmt.Sprint(err)
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "172.15.0.1", "100.128.0.1"} {
		if !public(netip.MustParseAddr(a)) {
			t.Error(a, "is public")
		}
	}
	for _, a := range []string{
		"127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
		"ff02::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::", "2001:db8::1", "fec0::1",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Error(a, "is not public")
		}
	}
}

// TestRefusals asks for everything that must give nothing, and tells why.
func TestRefusals(t *testing.T) {
	release := make(chan struct{})
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	pages := map[string]http.HandlerFunc{
		"/robots.txt":  text("User-agent: *\nDisallow: /secret\nUser-agent: atelier\nDisallow: /not-for-atelier\nDisallow: /both\n"),
		"/secret":      text("for others this is secret, but the group of atelier goes first"),
		"/loop":        to("/loop"),
		"/forbidden":   to("/both"),
		"/file":        to("file:///etc/passwd"),
		"/nowhere":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) },
		"/huge":        func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20+1)) },
		"/said-huge":   func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") },
		"/slow":        func(_ http.ResponseWriter, r *http.Request) { <-release },
		"/unavailable": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"/later": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(429)
		},
		"/bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		},
		"/drip": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
	}
	address, count := site(t, pages)
	defer close(release)
	s := quick()
	s.Retries = 1
	c := client(t, s)
	for path, want := range map[string]string{
		"/not-for-atelier": ByRobots, "/forbidden": ByRobots, "/loop": ManyRedirects, "/file": BadAddress, "/nowhere": "HTTP 302", "/missing": "HTTP 404",
		"/huge": TooLarge, "/said-huge": TooLarge, "/bomb": TooLarge, "/unavailable": "HTTP 503", "/later": Busy, "/secret": "<nil>",
	} {
		if _, err := c.Get(t.Context(), address+path); reason(err) != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	c.settings.Timeout = 50 * time.Millisecond // for answers that never come to their end
	for _, path := range []string{"/slow", "/drip"} {
		if _, err := c.Get(t.Context(), address+path); reason(err) != Slow {
			t.Errorf("%s: %v, want %s", path, err, Slow)
		}
	}
	for _, bad := range []string{"ftp://example.org/", "http://", "//x", "http://me:secret@example.org/", "http://exa mple/", "x"} {
		if _, err := c.Get(t.Context(), bad); reason(err) != BadAddress || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if n := count("/robots.txt"); n != 1 {
		t.Error("robots.txt was read", n, "times")
	}
	if count("/not-for-atelier") != 0 || count("/both") != 0 || count("/unavailable") != 2 || count("/loop") != s.Redirects+1 {
		t.Error("wrong number of requests")
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(stopped, address+"/"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestPrivate reaches a server that counts as public, which sends to private
// places, and names that change what they mean.
func TestPrivate(t *testing.T) {
	pages := map[string]http.HandlerFunc{"/": text("public")}
	address, _ := site(t, pages)
	secret, count := site(t, map[string]http.HandlerFunc{"/": text("secret")})
	here, there := netip.MustParseAddrPort(strings.TrimPrefix(address, "http://")), netip.MustParseAddrPort(strings.TrimPrefix(secret, "http://"))
	for i, place := range []string{
		secret, "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]:1/", "http://[::ffff:127.0.0.1]:80/", "http://2130706433/",
		fmt.Sprintf("http://intern.example:%d/", there.Port()), fmt.Sprintf("http://rebind.example:%d/", there.Port()),
	} {
		pages[fmt.Sprint("/", i)] = to(place)
	}
	s := quick()
	s.AllowPrivate, s.Retries = false, 0
	c := client(t, s)
	c.exempt = map[netip.AddrPort]bool{here: true}
	var asked atomic.Int32
	c.lookup = func(_ context.Context, name string) ([]netip.Addr, error) {
		switch {
		case name == "rebind.example" && asked.Add(1) > 1:
			return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
		case strings.HasSuffix(name, ".example") || name == "2130706433":
			return []netip.Addr{here.Addr()}, nil
		}
		return nil, &net.DNSError{Name: name, IsNotFound: true}
	}
	public := fmt.Sprintf("http://public.example:%d", here.Port())
	if page, err := c.Get(t.Context(), public); err != nil || string(page.Body) != "public" {
		t.Fatal(err)
	}
	for i := range len(pages) - 1 {
		if _, err := c.Get(t.Context(), fmt.Sprint(public, "/", i)); reason(err) != Private {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, err := c.Get(t.Context(), "http://nobody.invalid/"); reason(err) != NoHost {
		t.Error(err)
	}
	if count("/")+count("/robots.txt") != 0 {
		t.Error("the private server was asked")
	}
	// A name that was public when it was first asked is not trusted later.
	name := fmt.Sprintf("http://rebind.example:%d/", here.Port())
	asked.Store(0)
	if _, err := c.Get(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := c.Get(t.Context(), name); reason(err) != Private {
		t.Error("rebinding:", err)
	}
}

func TestRights(t *testing.T) {
	head := func(key string, values ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header()[key] = values
			fmt.Fprint(w, "<p>page")
		}
	}
	meta := func(name, content string) http.HandlerFunc {
		return text(fmt.Sprintf("<!doctype html><html><head><script>'<meta name=robots content=none>'</script><META Name=%q content=%q></head><body><meta name=robots content=noai>", name, content))
	}
	pages := map[string]http.HandlerFunc{
		"/.well-known/tdmrep.json": text(`[{"location":"/art","tdm-reservation":1,"tdm-policy":"https://x"},{"location":"/art/free/*","tdm-reservation":0},{"location":"/*.gif$","tdm-reservation":1},{"location":"x\nDisallow: /","tdm-reservation":1}]`),
		"/art/1":                   text("a"), "/art/free/1": text("a"), "/x.gif": text("a"), "/free": text("<html><head>"), "/gifs": text("a"),
		"/noai": head("X-Robots-Tag", "noai"), "/noimageai": head("X-Robots-Tag", "noimageai"), "/noindex": head("X-Robots-Tag", "max-snippet: 5, NoIndex"),
		"/other": head("X-Robots-Tag", "otherbot: noai, noindex"), "/ours": head("X-Robots-Tag", "otherbot: noai", "atelier: nofollow"),
		"/tdm": head("Tdm-Reservation", "1"), "/tdm0": head("Tdm-Reservation", "0"),
		"/meta": meta("robots", "NOIMAGEAI, nofollow"), "/meta-none": meta("atelier", "none"), "/meta-other": meta("otherbot", "none"), "/meta-tdm": meta("tdm-reservation", "1"),
	}
	address, _ := site(t, pages)
	c := client(t, quick())
	why := func(r *Refusal) string {
		if r == nil {
			return "-"
		}
		return r.Reason
	}
	for path, want := range map[string]string{
		"/free": "- - -", "/art/free/1": "- - -", "/gifs": "- - -", "/art/1": ByTDMFile, "/x.gif": ByTDMFile,
		"/noai": "X-Robots-Tag X-Robots-Tag -", "/noimageai": "- X-Robots-Tag -", "/noindex": "X-Robots-Tag X-Robots-Tag -", "/other": "- - -", "/ours": "- - X-Robots-Tag",
		"/tdm": "tdm-reservation tdm-reservation -", "/tdm0": "- - -",
		"/meta": "- meta robots meta robots", "/meta-none": "meta robots meta robots meta robots", "/meta-other": "- - -", "/meta-tdm": "tdm-reservation tdm-reservation -",
	} {
		page, err := c.Get(t.Context(), address+path)
		got := reason(err)
		if err == nil {
			got = why(page.Rights.Text) + " " + why(page.Rights.Images) + " " + why(page.Rights.Links)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestPatience counts what a server sees of politeness.
func TestPatience(t *testing.T) {
	var mu sync.Mutex
	var at []time.Time
	var open, most int
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "robots.txt") || strings.HasSuffix(r.URL.Path, ".json") {
			http.NotFound(w, r)
			return
		}
		if !strings.HasPrefix(r.UserAgent(), "atelier/") || !strings.HasSuffix(r.UserAgent(), "(+me@example.org)") {
			t.Error(r.UserAgent())
		}
		mu.Lock()
		at = append(at, time.Now())
		open++
		most = max(most, open)
		n := len(at)
		mu.Unlock()
		defer func() { mu.Lock(); open--; mu.Unlock() }()
		if n == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, "ok")
	}))
	defer s.Close()
	set := quick()
	set.Delay, set.Contact = 30*time.Millisecond, "me@example.org"
	c := client(t, set)
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), fmt.Sprint(s.URL, "/", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(at) != 6 || most != 1 {
		t.Fatal(len(at), "requests,", most, "at once")
	}
	for i := 1; i < len(at); i++ {
		want := set.Delay
		if i == 1 {
			want = time.Second
		}
		if got := at[i].Sub(at[i-1]); got < want-5*time.Millisecond {
			t.Errorf("request %d came after %s, want %s", i, got, want)
		}
	}
}

func TestRobotsFails(t *testing.T) {
	address, count := site(t, map[string]http.HandlerFunc{
		"/robots.txt": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "/": text("x"),
	})
	if _, err := client(t, quick()).Get(t.Context(), address); reason(err) != NoRobots || count("/") != 0 {
		t.Error(err)
	}
	address, _ = site(t, map[string]http.HandlerFunc{"/robots.txt": text("User-agent: *\nCrawl-delay: 86400"), "/": text("x")})
	if _, err := client(t, quick()).Get(t.Context(), address); reason(err) != ByRobots {
		t.Error(err)
	}
}
