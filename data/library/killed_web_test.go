package library

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atelier/data"
	_ "atelier/data/source"
	"atelier/data/store"
	"atelier/internal/registry"
)

// killedSource names the source from which a process that is to be killed collects: a
// kind of source, and its address or list.
const killedSource = "ATELIER_TEST_KILLED_SOURCE"

// webSource is the source of a kind, on a server on this machine.
func webSource(kind, place string) (registry.Choice[data.Source], error) {
	name, settings := "site", []string{"start=" + strconv.Quote(place), "collect=" + kind, "depth=9", "pages=100", "sitemap=true", "min_size=1"}
	if kind == "urls" {
		name, settings = "urls", []string{"path=" + strconv.Quote(place), "at_once=4", "test_share=0.3"}
	}
	return registry.Make[data.Source](name, append(settings, "delay=0s", "timeout=1h", "allow_private=true")...)
}

// addFromWeb makes the version that a killed process was to make.
func addFromWeb(ctx context.Context, home, of string) error {
	s, err := store.Open(home)
	if err != nil {
		return err
	}
	kind, place, _ := strings.Cut(of, " ")
	web, err := webSource(kind, place)
	if err != nil {
		return err
	}
	l := &Library{Store: s, Home: home, Program: "test"}
	_, err = l.Add(ctx, "n", []registry.Choice[data.Source]{web}, pipeline(), "")
	return err
}

// TestKilledOnTheWeb kills a process that collects from a server, at random requests
// and at random moments, until it is done. What was recorded is asked for once, and
// the version is the one of an undisturbed job.
func TestKilledOnTheWeb(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for i, kind := range []string{"both", "images", "urls"} {
		t.Run(kind, func(t *testing.T) {
			h := newHamlet(t)
			of := kind + " " + h.URL + "/"
			if kind == "urls" {
				of = "urls " + h.list(t)
			}
			undisturbed := t.TempDir()
			if err := addFromWeb(t.Context(), undisturbed, of); err != nil {
				t.Fatal(err)
			}
			once := h.forget()
			home := t.TempDir()
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			for range 8 {
				if h.kill(t, rng, home, of); made(t, home) {
					break
				}
			}
			h.listen(never, false)
			if !made(t, home) {
				if err := addFromWeb(t.Context(), home, of); err != nil {
					t.Fatal(err)
				}
			}
			visible(t, home)
			if got, want := hashOf(t, home), hashOf(t, undisturbed); got != want {
				t.Errorf("hash %s, want %s", got, want)
			}
			h.compare(t, once)
		})
	}
}

// A hamlet is a small web site whose server can hold its answers.
type hamlet struct {
	*httptest.Server

	mu       sync.Mutex
	asked    map[string]int
	excused  map[string]int // requests whose answers died with the process that asked
	answered []string       // by the process that runs now
	held     []string       // of its requests
	count    int            // of its requests
	until    int            // the request that is waited for
	hold     bool           // whether from that one on none is answered
	reached  chan struct{}  // it came
	order    []string       // of paths, where they are recorded in that of a list
	release  chan struct{}

	open atomic.Int64 // connections
}

const (
	hamletPages = 12
	never       = 1 << 30 // the number of a request that does not come
)

func newHamlet(t *testing.T) *hamlet {
	h := &hamlet{}
	h.forget()
	h.Server = httptest.NewUnstartedServer(h)
	h.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			h.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			h.open.Add(-1)
		}
	}
	h.Start()
	t.Cleanup(h.Close)
	return h
}

// forget begins the counts anew, and returns the old.
func (h *hamlet) forget() map[string]int {
	was := h.asked
	h.asked, h.excused = map[string]int{}, map[string]int{}
	h.listen(never, false)
	return was
}

// listen readies the server for a process, of which a request is waited for, and held
// with all later ones if asked for.
func (h *hamlet) listen(until int, hold bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answered, h.held, h.count, h.until, h.hold = nil, nil, 0, until, hold
	h.reached, h.release = make(chan struct{}), make(chan struct{})
}

// aboutSite says whether a file tells how the site is to be asked, which each process
// reads for itself.
func aboutSite(path string) bool {
	return path == "/robots.txt" || path == "/.well-known/tdmrep.json"
}

func (h *hamlet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if aboutSite(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	h.mu.Lock()
	h.asked[r.URL.Path]++
	if h.count++; h.count == h.until {
		close(h.reached)
	}
	hold, release := h.hold && h.count >= h.until, h.release
	if hold {
		h.held = append(h.held, r.URL.Path)
	} else {
		h.answered = append(h.answered, r.URL.Path)
	}
	h.mu.Unlock()
	if hold {
		<-release
		return
	}
	h.answer(w, r)
}

// answer sends page n of a chain, each with links, pictures of its own and of others,
// and an address that leads on to a page which comes up later again.
func (h *hamlet) answer(w http.ResponseWriter, r *http.Request) {
	var n int
	switch kind, _ := fmt.Sscanf(r.URL.Path, "/page/%d", &n); {
	case r.URL.Path == "/sitemap.xml":
		fmt.Fprintf(w, `<urlset><url><loc>%s/page/%d</loc></url></urlset>`, h.URL, hamletPages-1)
	case strings.HasPrefix(r.URL.Path, "/picture/"):
		w.Header().Set("Content-Type", "image/gif")
		fmt.Fprintf(w, "GIF89a\x09\x00\x09\x00\x00\x00\x00%s", r.URL.Path)
	case r.URL.Path == "/moved":
		http.Redirect(w, r, "/barn", http.StatusMovedPermanently)
	case r.URL.Path == "/" || r.URL.Path == "/barn" || kind == 1 && n < hamletPages:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<html><body><article><h1>Of %s</h1><p>%s</p></article><a href=/moved>M</a><a href=/page/%d>N</a><a href=/lost/%d>L</a><a href=/page/2>2</a>
<img src=/picture/%d><img src=/picture/%d></body></html>`, r.URL.Path, strings.Repeat("The barn of "+r.URL.Path+" was built by those who live here still. ", 9), n+1, n/5, n, n/2)
		if n == 4 {
			fmt.Fprint(w, "<a href=/barn>B</a>")
		}
	default:
		http.NotFound(w, r)
	}
}

// list writes a list of addresses on two hosts.
func (h *hamlet) list(t *testing.T) string {
	var lines []string
	for i := range hamletPages {
		lines = append(lines, fmt.Sprintf("%s/page/%d", h.URL, i), fmt.Sprintf("%s/picture/%d", strings.Replace(h.URL, "127.0.0.1", "localhost", 1), i))
	}
	lines = append(lines, h.URL+"/lost/0", h.URL+"/moved")
	h.order = nil
	for _, line := range lines {
		u, err := url.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		h.order = append(h.order, u.Path)
	}
	file := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// kill starts a process that collects, and kills it at a random request: while that is
// not answered, once all that was answered before is recorded, or at any moment after it.
func (h *hamlet) kill(t *testing.T, rng *rand.Rand, home, of string) {
	t.Helper()
	anyMoment := rng.IntN(3) == 0
	h.listen(1+rng.IntN(9), !anyMoment)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), killedHome+"="+home, killedSource+"="+of)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-h.reached:
	case err := <-ended: // it was done before
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if anyMoment {
		time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond)
	} else {
		h.untilRecorded(t, ended, home, of)
	}
	cmd.Process.Kill() // which may have ended by itself
	<-ended
	close(h.release)
	h.drain(t)
	if !made(t, home) {
		h.excuse(t, home, of)
	}
}

// drain waits until the server is through with all that a dead process has asked for:
// a request after which no connection is left came after them.
func (h *hamlet) drain(t *testing.T) {
	t.Helper()
	once := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := once.Get(h.URL + "/robots.txt")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for h.open.Load() > 0 {
		time.Sleep(time.Millisecond) // until the next look
	}
}

// made reports whether the version is there.
func made(t *testing.T, home string) bool {
	t.Helper()
	_, versions := versionsOf(t, home)
	return len(versions) > 0
}

// untilRecorded waits until all that was answered is on record, while the process
// that asked waits for an answer.
func (h *hamlet) untilRecorded(t *testing.T, ended chan error, home, of string) {
	t.Helper()
	for {
		h.mu.Lock()
		missing := h.ahead(h.unrecorded(recorded(t, home, of)))
		h.mu.Unlock()
		if len(missing) == 0 {
			return
		}
		select {
		case err := <-ended:
			t.Fatal("the process ended while it waited for an answer: ", err)
		case <-time.After(10 * time.Millisecond): // until the next look
		}
	}
}

// unrecorded is what was answered and is not on record.
func (h *hamlet) unrecorded(recorded map[string]bool) (missing []string) {
	for _, path := range h.answered {
		if !recorded[path] {
			missing = append(missing, path)
		}
	}
	return missing
}

// ahead leaves out what stands in the list behind an address whose answer is held: two
// hosts are asked at once, in whichever order, and recorded in that of the list.
func (h *hamlet) ahead(missing []string) (ahead []string) {
	first := len(h.order)
	for _, path := range h.held {
		if at := h.place(path); at >= 0 {
			first = min(first, at)
		}
	}
	for _, path := range missing {
		if h.place(path) < first {
			ahead = append(ahead, path)
		}
	}
	return ahead
}

// place is where a path stands in the list, one that another leads to where that stands.
func (h *hamlet) place(path string) int {
	if path == "/barn" {
		path = "/moved"
	}
	return slices.Index(h.order, path)
}

// excuse lets what the dead process had no time to record be asked for once more.
func (h *hamlet) excuse(t *testing.T, home, of string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, path := range append(h.unrecorded(recorded(t, home, of)), h.held...) {
		h.excused[path]++
	}
}

// compare checks that no address was asked for more often than undisturbed and excused.
func (h *hamlet) compare(t *testing.T, once map[string]int) {
	t.Helper()
	for path, n := range h.asked {
		if n > once[path]+h.excused[path] {
			t.Errorf("%s was asked for %d times; undisturbed %d times, and %d answers were lost", path, n, once[path], h.excused[path])
		}
	}
	for path := range once {
		if h.asked[path] == 0 {
			t.Errorf("%s was never asked for", path)
		}
	}
}

// recorded are the paths of all that the journal of the job knows of: works, and what
// was noted where that is all that is kept of a page.
func recorded(t *testing.T, home, of string) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	dirs, err := filepath.Glob(filepath.Join(home, "jobs", "*", "journal.db"))
	if err != nil || len(dirs) == 0 {
		return known
	}
	j, err := openJournal(filepath.Dir(dirs[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	rows, err := j.db.Query("SELECT name FROM items UNION SELECT key FROM notes")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		page, noted := strings.CutPrefix(name, "0/train/page ")
		switch u, err := url.Parse(page); {
		case name == "0/train/sitemap":
			known["/sitemap.xml"] = true
		case err == nil && (!noted || strings.HasPrefix(of, "images")):
			known[u.Path] = true
		}
	}
	known["/barn"] = known["/barn"] || known["/moved"] // where it leads
	return known
}
