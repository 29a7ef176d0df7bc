package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"atelier/data"
	"atelier/internal/fetch"
)

const prose = `The kiln stands behind the house, and it has been lit on every first Saturday of the month for as long as anybody
here remembers. Potters bring their work from three villages, and they stay until the fire has burned down to white ash in the
morning. `

// webPage is an article with menus around it.
func webPage(title, head, extra string) string {
	return fmt.Sprintf(`<!doctype html><html lang=en><head><title>%s</title>%s</head><body><nav><a href="/">Home</a></nav>
<article><h1>%s</h1><p>%s</p><p>%s</p>%s</article><footer>Imprint</footer></body></html>`, title, head, title, title+". "+prose, strings.Repeat(prose, 3), extra)
}

// A web is a server on loopback that counts what it is asked for.
type web struct {
	*httptest.Server
	mu    sync.Mutex
	count map[string]int
}

func newWeb(t *testing.T, pages map[string]any) *web {
	w := &web{count: map[string]int{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.count[r.URL.Path]++
		w.mu.Unlock()
		switch page := pages[r.URL.Path].(type) {
		case string:
			fmt.Fprint(rw, strings.ReplaceAll(page, "HOST", "http://"+r.Host))
		case []byte:
			rw.Write(page)
		case func(http.ResponseWriter, *http.Request):
			page(rw, r)
		default:
			http.NotFound(rw, r)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

// village is a small site with everything that may go wrong.
func village(t *testing.T) *web {
	return newWeb(t, map[string]any{
		"/robots.txt": "User-agent: *\nDisallow: /private\nSitemap: HOST/map.xml\n",
		"/map.xml":    `<urlset><url><loc>HOST/far</loc></url><url><loc>HOST/a</loc></url></urlset>`,
		"/":           webPage("Village", `<link rel=license href="https://creativecommons.org/licenses/by/4.0/">`, `<a href=/a#part>A</a> <a href="/b">B</a> <a href=/private>P</a> <a href="http://other.invalid/">O</a> <a href=/hidden rel=nofollow>H</a> <a href=/loop>L</a> <a href=/moved>M</a> <img src=big.png alt="the kiln"> <img src=/small.png>`),
		"/a":          webPage("Street A", `<meta name=robots content=noimageai>`, `<a href=/deep>D</a> <img src=/reserved.png> <a href=/>back</a>`),
		"/b":          webPage("Street B", `<meta name=robots content="noai, nofollow">`, `<a href=/unseen>U</a>`),
		"/deep":       webPage("Deep", "", `<a href=/deeper>D</a> <img src=/page.png> <img src=/big.png>`),
		"/deeper":     webPage("Deeper", "", ""),
		"/far":        webPage("Far", "", `<img src=/broken.png>`),
		"/loop":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) },
		"/moved":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a", http.StatusMovedPermanently) },
		"/big.png":    pngOf(t, 100),
		"/small.png":  pngOf(t, 9),
		"/page.png": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, "<html>")
		},
		"/broken.png": []byte("\x89PNG\r\n\x1a\nbroken"),
		"/private":    "secret", "/hidden": "secret", "/unseen": "secret", "/reserved.png": pngOf(t, 100),
	})
}

// noneLeft waits until all goroutines have ended but those that were there before,
// which a busy machine takes its time for.
func noneLeft(t *testing.T, before goleak.Option) {
	t.Helper()
	for range 100 {
		if goleak.Find(before) == nil {
			return
		}
	}
	goleak.VerifyNone(t, before)
}

// quickly are settings that do not wait between requests, and for answers as long as
// it takes.
func quickly() fetch.Settings {
	s := fetch.Defaults()
	s.Delay, s.Retries, s.Timeout, s.AllowPrivate, s.MaxMiB = 0, 0, time.Hour, true, 1
	return s
}

func siteOf(start string) *Site {
	return &Site{Start: start, Collect: "both", Depth: 2, Pages: 100, Sitemap: true, MinSize: 64, Settings: quickly()}
}

// outcome is what became of each address: its type, or why it was dropped.
func outcome(s data.Resumable, split data.Split, j data.Journal, host string) (map[string]string, map[string]data.Item, error) {
	got, items := map[string]string{}, map[string]data.Item{}
	for it, err := range s.Rest(context.Background(), split, j) {
		name := strings.TrimPrefix(it.Name, host)
		var d *data.Drop
		switch {
		case errors.As(err, &d):
			got[name] = d.Reason
		case err != nil:
			return got, items, err
		default:
			got[name] = it.MediaType
			items[name] = it
		}
	}
	return got, items, nil
}

func TestSite(t *testing.T) {
	defer noneLeft(t, goleak.IgnoreCurrent())
	w := village(t)
	defer w.Close()
	got, items, err := outcome(siteOf(w.URL), data.Train, noJournal{}, w.URL)
	want := map[string]string{
		"/": utf8Type, "/a": utf8Type, "/far": utf8Type, "/b": fetch.ByMeta, "/private": fetch.ByRobots, "/loop": fetch.ManyRedirects, "/moved": "same page",
		"/deep": utf8Type, "/big.png": "image/png", "/small.png": "too small", "/reserved.png": fetch.ByMeta, "/page.png": wrongType, "/broken.png": "image/png",
	}
	want["/deeper"] = utf8Type // two links from /a, which the sitemap names
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
	home, kiln := items["/"], items["/big.png"]
	if !strings.Contains(string(home.Bytes), "The kiln stands") || strings.Contains(string(home.Bytes), "Imprint") || home.Origin.Licence != "CC-BY-4.0" || home.Group != w.URL+"/" {
		t.Errorf("%s %+v %s", home.Group, home.Origin, home.Bytes)
	}
	if kiln.Caption != "the kiln" || kiln.Group != home.Group || kiln.Origin.Licence != "CC-BY-4.0" || kiln.Origin.Place != w.URL+"/big.png" || kiln.Origin.Collected.IsZero() {
		t.Errorf("%+v", kiln)
	}
	for path, n := range w.count {
		if n > 1 && path != "/loop" && path != "/a" { // /a answers for /moved as well
			t.Error(path, "was asked for", n, "times")
		}
	}
	for _, path := range []string{"/private", "/hidden", "/unseen", "/reserved.png"} {
		if w.count[path] > 0 {
			t.Error(path, "was asked for")
		}
	}
}

// A memory is a journal that knows what it was told.
type memory struct {
	known map[string]bool
	notes map[string][]byte
}

func (m *memory) Known(name string) bool              { return m.known[name] }
func (m *memory) Load(key string) ([]byte, error)     { return m.notes[key], nil }
func (m *memory) Save(key string, value []byte) error { m.notes[key] = value; return nil }

// interrupted reads a source an Item at a time, as if it were killed after each,
// and returns the names in the order in which they came.
func interrupted(t *testing.T, make func() data.Resumable) (names []string) {
	m := &memory{map[string]bool{}, map[string][]byte{}}
	for {
		before := len(names)
		for _, split := range []data.Split{data.Train, data.Test} {
			for it, err := range make().Rest(t.Context(), split, m) {
				if err != nil && !isDrop(err) {
					t.Fatal(err)
				}
				if m.known[it.Name] {
					t.Fatal(it.Name, "is repeated")
				}
				m.known[it.Name] = true
				names = append(names, it.Name)
				break
			}
		}
		if len(names) == before {
			return names
		}
	}
}

func TestSiteResumes(t *testing.T) {
	for _, collect := range collections {
		whole, parts := village(t), village(t)
		s := siteOf(whole.URL)
		s.Collect = collect
		want, _, err := outcome(s, data.Train, noJournal{}, whole.URL)
		if err != nil {
			t.Fatal(err)
		}
		names := interrupted(t, func() data.Resumable {
			s := siteOf(parts.URL)
			s.Collect = collect
			return s
		})
		if len(names) != len(want) {
			t.Error(collect, len(names), "of", len(want))
		}
		for path, n := range parts.count {
			if path != "/robots.txt" && path != "/.well-known/tdmrep.json" && n != whole.count[path] {
				t.Errorf("%s: %s was asked for %d times, and without interruptions %d times", collect, path, n, whole.count[path])
			}
		}
	}
}

func TestSiteSettings(t *testing.T) {
	w := village(t)
	s := siteOf(w.URL + "/deep")
	s.Depth, s.Sitemap = 0, false
	if got, _, err := outcome(s, data.Train, noJournal{}, w.URL); err != nil || len(got) != 3 || w.count["/map.xml"] != 0 {
		t.Error(got, err)
	}
	for _, bad := range []func(*Site){
		func(s *Site) { s.Collect = "texts" }, func(s *Site) { s.Depth = -1 }, func(s *Site) { s.Pages = 0 }, func(s *Site) { s.Start = "" },
		func(s *Site) { s.Start = "ftp://x" }, func(s *Site) { s.Hosts = []string{"https://images.example.org"} }, func(s *Site) { s.Timeout = 0 }, func(s *Site) { s.MinSize = -1 },
	} {
		s := siteOf(w.URL)
		bad(s)
		if _, _, err := outcome(s, data.Train, noJournal{}, ""); err == nil {
			t.Errorf("took %+v", s)
		}
	}
}

// TestSiteStays has sitemaps and redirects that lead away, and that name themselves.
func TestSiteStays(t *testing.T) {
	other := newWeb(t, map[string]any{"/": webPage("Other", "", ""), "/map.xml": "<urlset></urlset>", "/a.png": pngOf(t, 100)})
	w := newWeb(t, map[string]any{
		"/robots.txt": "User-agent: *\nSitemap: " + other.URL + "/map.xml\nSitemap: HOST/map.xml\n",
		"/map.xml":    "<sitemapindex><sitemap><loc>HOST/map.xml</loc></sitemap><sitemap><loc>HOST/more.xml</loc></sitemap><sitemap><loc>HOST/more.xml</loc></sitemap></sitemapindex>",
		"/more.xml":   "<urlset><url><loc>HOST/</loc></url></urlset>",
		"/":           webPage("Home", "", `<a href=/away>away</a><img src=/away.png>`),
		"/away":       http.RedirectHandler(other.URL, http.StatusFound).ServeHTTP,
		"/away.png":   http.RedirectHandler(other.URL+"/a.png", http.StatusFound).ServeHTTP,
	})
	got, _, err := outcome(siteOf(w.URL), data.Train, noJournal{}, w.URL)
	if d := cmp.Diff(map[string]string{"/": utf8Type, "/away": fetch.OtherHost, "/away.png": fetch.OtherHost}, got); d != "" || err != nil {
		t.Error(err, d)
	}
	if len(other.count) > 0 || w.count["/map.xml"] != 1 || w.count["/more.xml"] != 1 {
		t.Error(other.count, w.count)
	}
	s := siteOf(w.URL)
	s.Hosts = []string{strings.TrimPrefix(other.URL, "http://")}
	if got, _, err := outcome(s, data.Train, noJournal{}, w.URL); err != nil || got["/away.png"] != "image/png" {
		t.Error(err, got)
	}
}

// TestSiteFails begins at pages that give nothing: an error, not an empty set.
func TestSiteFails(t *testing.T) {
	w := newWeb(t, map[string]any{
		"/robots.txt": "User-agent: *\nDisallow: /private\n",
		"/away":       http.RedirectHandler("http://other.invalid/", http.StatusFound).ServeHTTP,
		"/busy":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	})
	closed := newWeb(t, map[string]any{"/robots.txt": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "/": "page"})
	for start, want := range map[string]string{
		w.URL + "/missing": "HTTP 404", w.URL + "/private": fetch.ByRobots, w.URL + "/busy": "HTTP 503", w.URL + "/away": "name it in hosts",
		closed.URL: fetch.NoRobots, "http://127.0.0.1:1/": fetch.Unreachable,
	} {
		if _, _, err := outcome(siteOf(start), data.Train, noJournal{}, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", start, err, want)
		}
	}
}

func TestURLs(t *testing.T) {
	defer noneLeft(t, goleak.IgnoreCurrent())
	w := village(t)
	defer w.Close()
	other := strings.Replace(w.URL, "127.0.0.1", "localhost", 1)
	list := strings.Join([]string{
		"# addresses", w.URL + "/big.png", "", w.URL + "/big.png", other + "/small.png", w.URL + "/page.png", w.URL + "/missing", w.URL + "/a#x", w.URL + "/b",
		other + "/private", w.URL + "/loop", "gopher://x", "http://127.0.0.1:1/",
	}, "\n")
	path := filepath.Join(write(t, map[string][]byte{"list.txt": []byte(list)}), "list.txt")
	s := &URLs{Path: path, AtOnce: 4, Settings: quickly()}
	got, _, err := outcome(s, data.Train, noJournal{}, w.URL)
	want := map[string]string{
		"/big.png": "image/png", other + "/small.png": "image/png", "/page.png": wrongType, "/missing": "HTTP 404", "/a": utf8Type, "/b": fetch.ByMeta,
		other + "/private": fetch.ByRobots, "/loop": fetch.ManyRedirects, "gopher://x": fetch.BadAddress, "http://127.0.0.1:1/": fetch.Unreachable,
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
	if w.count["/big.png"] != 1 {
		t.Error("fetched twice")
	}
	names := interrupted(t, func() data.Resumable { return &URLs{Path: path, AtOnce: 1, TestShare: 0.5, Settings: quickly()} })
	if len(names) != len(want) {
		t.Error(names)
	}
}

func TestURLsTable(t *testing.T) {
	w := village(t)
	table := fmt.Sprintf("url,label,caption,license,author\n%s/big.png,kiln,\"a kiln, lit\",https://creativecommons.org/publicdomain/zero/1.0/,Ann\n%s/a,,,,\n", w.URL, w.URL)
	dir := write(t, map[string][]byte{"list.csv": []byte(table), "wrong.csv": []byte("a,b\n1,2\n")})
	s := &URLs{Path: filepath.Join(dir, "list.csv"), AtOnce: 1, Settings: quickly()}
	_, items, err := outcome(s, data.Train, noJournal{}, w.URL)
	it := items["/big.png"]
	if err != nil || len(items) != 2 || it.Label != "kiln" || it.Caption != "a kiln, lit" || it.Origin.Licence != "CC0-1.0" || it.Origin.Creator != "Ann" {
		t.Errorf("%v %+v", err, it)
	}
	s.Path = filepath.Join(dir, "wrong.csv")
	if _, _, err := outcome(s, data.Train, noJournal{}, ""); err == nil || !strings.Contains(err.Error(), "column url") {
		t.Error(err)
	}
	// Private addresses are refused unless they are allowed.
	s.Path, s.AllowPrivate = filepath.Join(dir, "list.csv"), false
	got, _, err := outcome(s, data.Train, noJournal{}, w.URL)
	if err != nil || got["/a"] != fetch.Private {
		t.Error(got, err)
	}
}

// TestURLsLines reads the same list from JSON lines, which need not all have the same keys.
func TestURLsLines(t *testing.T) {
	w := village(t)
	table := fmt.Sprintf("{\"caption\": \"no address\"}\nno object\n{\"url\": \"%s/big.png\", \"label\": \"kiln\", \"licence\": \"CC0-1.0\"}\n{\"url\": null}\n", w.URL)
	dir := write(t, map[string][]byte{"list.jsonl": []byte(table)})
	s := &URLs{Path: filepath.Join(dir, "list.jsonl"), AtOnce: 1, Settings: quickly()}
	got, items, err := outcome(s, data.Train, noJournal{}, w.URL)
	if it := items["/big.png"]; err != nil || len(items) != 1 || it.Label != "kiln" || it.Origin.Licence != "CC0-1.0" {
		t.Errorf("%v %+v", err, items)
	}
	if got["list.jsonl/1"] != "empty" || got["list.jsonl/2"] != "bad line" || got["list.jsonl/4"] != "empty" {
		t.Error("rows without an address are not counted:", got)
	}
}

// TestListsAreRecognized holds tables of addresses apart from tables of works.
func TestListsAreRecognized(t *testing.T) {
	for name, want := range map[string]struct{ use, text string }{
		"plain.txt":    {"urls", "https://example.org/\n"},
		"list.csv":     {"urls", "url,label,caption,licence\n,none,,\nhttps://example.org/a.png,kiln,a kiln,CC0-1.0\n"},
		"list.tsv":     {"urls", "\ufeffname\tlink\na\thttps://example.org/a.png\n"},
		"list.jsonl":   {"urls", "{\"url\": \"https://example.org/a.png\", \"title\": \"a kiln\"}\n"},
		"texts.csv":    {"csv", "url,text\nhttps://example.org/a,some words\n"},
		"files.csv":    {"csv", "url,file_name\nhttps://example.org/a,a.png\n"},
		"relative.csv": {"csv", "url,label\na.png,kiln\n"},
		"other.csv":    {"csv", "a,b\n1,2\n"},
		"header.csv":   {"csv", "url,label\n"},
		"texts.jsonl":  {"jsonl", "{\"url\": \"https://example.org/a\", \"text\": \"some words\"}\n"},
	} {
		dir := write(t, map[string][]byte{name: []byte(want.text)})
		if got, err := data.Resolve(filepath.Join(dir, name)); err != nil || got.Use != want.use {
			t.Errorf("%s is read by %q instead of %s (%v)", name, got.Use, want.use, err)
		}
	}
	if new(Site).Recognize("https://example.org") != data.Certain {
		t.Error("an address is not recognized")
	}
}

func FuzzReadLinks(f *testing.F) {
	f.Add([]byte(webPage("T", "<base href=//x><meta name=license content=CC0>", "<img src=data:x><a href='\x00'>")))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, _ := fetch.Parse("https://example.org/a/b")
		l := readLinks(&fetch.Page{URL: u, Body: b})
		for _, p := range l.Pages {
			if _, err := fetch.Parse(p); err != nil {
				t.Error(p, err)
			}
		}
	})
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(`<sitemapindex><sitemap><loc>https://example.org/x.xml.gz</loc></sitemap></sitemapindex>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if pages, files := parseSitemap(b, 10); len(pages) > 10 || len(files) > maxSitemaps {
			t.Error(len(pages), len(files))
		}
	})
}
