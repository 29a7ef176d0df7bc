package fetch

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestUsage asks sites that reserve themselves, or some of their pages, from training.
func TestUsage(t *testing.T) {
	for robots, want := range map[string]string{
		"User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /":                                      "no no",
		"User-Agent: *\nContent-signal: ai-train=no # reserved":                                                 "no no",
		"User-agent: *\nContent-Signal: search=yes, ai-train=yes, ai-input=no":                                  "yes yes",
		"Content-Signal: ai-train=no\n\nUser-agent: *\nAllow: /":                                                "no no",
		"User-agent: *\nContent-Usage: train-ai=n":                                                              "no no",
		"User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y":                            "no yes",
		"User-agent: *\nContent-Usage: train-ai=y, train-genai=n":                                               "no no",
		"User-agent: *\nContent-Usage: search=n":                                                                "yes yes",
		"User-agent: otherbot\nContent-Usage: train-ai=n\n\nUser-agent: *\nDisallow:":                           "yes yes",
		"User-agent: *\nContent-Usage: train-ai=n\n\nUser-agent: otherbot\nUser-agent: Atelier\nDisallow: /not": "yes yes",
		"User-agent: *\nDisallow: /not\n\nUser-agent: atelier\nContent-Usage: /page train-ai=?0;v=1":            "no yes",
	} {
		address, count := site(t, map[string]http.HandlerFunc{"/robots.txt": text(robots), "/page": text("page"), "/open/page": text("page")})
		c := client(t, quick())
		got := ""
		for _, path := range []string{"/page", "/open/page"} {
			_, err := c.Get(t.Context(), address+path)
			switch reason(err) {
			case "<nil>":
				got += " yes"
			case ByUsage:
				got += " no"
			default:
				t.Errorf("%q: %v", robots, err)
			}
			if asked := count(path) > 0; asked != (err == nil) {
				t.Errorf("%q: %s was asked for: %t", robots, path, asked)
			}
		}
		if got != " "+want {
			t.Errorf("%q:%s, want %s", robots, got, want)
		}
	}
	for header, reserved := range map[string]bool{"Content-Signal: ai-train=no": true, "Content-Usage: train-ai=n": true, "Content-Usage: train-ai=y": false, "Content-Signal: search=no": false} {
		address, _ := site(t, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, _ *http.Request) {
			var field, value string
			fmt.Sscanf(header, "%s %s", &field, &value)
			w.Header().Set(field[:len(field)-1], value)
			fmt.Fprint(w, "page")
		}})
		page, err := client(t, quick()).Get(t.Context(), address)
		if err != nil || (page.Rights.Text != nil) != reserved || (page.Rights.Images != nil) != reserved {
			t.Errorf("%s: %v %+v", header, err, page)
		}
	}
}

// TestDelayFromTheFirst sees that all requests to a host are apart, those for its rules too.
func TestDelayFromTheFirst(t *testing.T) {
	var mu sync.Mutex
	var at []time.Time
	asked := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			at = append(at, time.Now())
			mu.Unlock()
			next(w, r)
		}
	}
	address, _ := site(t, map[string]http.HandlerFunc{
		"/robots.txt":              asked(text("User-agent: *\nCrawl-delay: 0.08")),
		"/.well-known/tdmrep.json": asked(http.NotFound), "/": asked(text("page")),
	})
	s := quick()
	s.Delay = 20 * time.Millisecond
	if _, err := client(t, s).Get(t.Context(), address); err != nil || len(at) != 3 {
		t.Fatal(err, len(at))
	}
	for i := 1; i < len(at); i++ {
		if got := at[i].Sub(at[i-1]); got < 80*time.Millisecond {
			t.Errorf("request %d came after %s", i, got)
		}
	}
}

// TestRobotsIsAskedAgain has servers that are busy when they are first asked.
func TestRobotsIsAskedAgain(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		tries := 0
		address, _ := site(t, map[string]http.HandlerFunc{
			"/": text("page"), "/private": text("secret"),
			"/robots.txt": func(w http.ResponseWriter, _ *http.Request) {
				if tries++; tries < 3 {
					w.WriteHeader(status)
					return
				}
				fmt.Fprint(w, "User-agent: *\nDisallow: /private")
			},
		})
		c := client(t, quick())
		if _, err := c.Get(t.Context(), address); err != nil || tries != 3 {
			t.Error(status, err, tries)
		}
		if _, err := c.Get(t.Context(), address+"/private"); reason(err) != ByRobots {
			t.Error(status, err)
		}
	}
}

// TestHosts keeps a client on its hosts, wherever it is sent.
func TestHosts(t *testing.T) {
	other, count := site(t, map[string]http.HandlerFunc{"/": text("elsewhere")})
	address, _ := site(t, map[string]http.HandlerFunc{"/": to(other + "/"), "/here": to("/page"), "/page": text("page")})
	here, err := Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, quick())
	c.Hosts = []string{here.Host}
	for _, to := range []string{address, other} {
		if _, err := c.Get(t.Context(), to); reason(err) != OtherHost || count("/")+count("/robots.txt") != 0 {
			t.Errorf("%s: %v", to, err)
		}
	}
	if page, err := c.Get(t.Context(), address+"/here"); err != nil || page.URL.Path != "/page" {
		t.Error(err)
	}
	for address, want := range map[string]string{
		"HTTP://Example.ORG:80/A": "http://example.org/A", "https://Example.org:443": "https://example.org/", "http://example.org:8080": "http://example.org:8080/",
	} {
		if u, err := Parse(address); err != nil || u.String() != want {
			t.Error(u, err)
		}
	}
}

func FuzzUsage(f *testing.F) {
	f.Add([]byte("User-agent: *\nContent-Signal: ai-train=no\nContent-Usage: /a train-ai=y"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if g := parseUsage(text); g != nil {
			g.Test("/a/b?c")
		}
	})
}
