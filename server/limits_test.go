package server

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"atelier/jobs"
)

// limited is a request that is refused for now: it says when to try again.
func (s *site) limited(status int, r sent) {
	s.Helper()
	if a := s.want(status, r, nil); a.Header.Get("Retry-After") == "" {
		s.Errorf("%s %s: %d does not say when to try again", r.method, r.path, status)
	}
}

// A request for more than one may ask for is refused, by what is too much of it.
func TestTooMuchOfARequest(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Tokens, c.Limits.Pixels, c.Limits.N = 1000, 5000, 50 })
	for _, c := range []struct {
		inputs map[string]any
		field  string
	}{
		{map[string]any{"n": 51, "length": 1}, "n"},
		{map[string]any{"length": 1001}, "length"},
		{map[string]any{"n": 11, "length": 100}, "length"},
	} {
		if p := s.problem(422, sent{method: "POST", path: "/apps/write", body: c.inputs}); p.Field != c.field {
			t.Errorf("%v: %+v", c.inputs, p)
		}
	}
	s.problem(422, sent{method: "POST", path: "/apps/chat", body: map[string]any{"message": "hello", "length": 1001}})
	picture := func(side int) map[string]any {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.Black, color.White})); err != nil {
			t.Fatal(err)
		}
		return map[string]any{"name": fmt.Sprintf("%d.png", side), "bytes": b.Bytes()}
	}
	s.problem(413, sent{method: "POST", path: "/apps/sheet", body: map[string]any{"pictures": []any{picture(50), picture(51)}}})
	s.done("sheet", map[string]any{"pictures": []any{picture(49), picture(50)}}, "")
	var about About
	s.want(200, sent{method: "GET", path: "/server"}, &about)
	if about.Tokens != 1000 || about.Pixels != 5000 || about.N != 50 {
		t.Errorf("%+v", about)
	}
}

// The jobs of a token that wait are bounded, in number and in what they ask for, those of all tokens
// too; a token that has too many keeps no other from its own, and a start of the studio forgets none.
func TestQuotas(t *testing.T) {
	few := func(c *Config) {
		c.Limits.Each.Jobs, c.Limits.Each.Tokens, c.Limits.All.Jobs = 2, 100, 4
	}
	s := start(t, few)
	s.want(200, sent{method: "PATCH", path: "/queue", body: QueueChange{Paused: true}}, nil)
	one, two := s.tokenOf(Make), s.tokenOf(Make)
	ask := func(token string, length int) sent {
		return sent{method: "POST", path: "/apps/write", body: map[string]any{"length": length}, token: token}
	}
	var j jobs.Job
	s.want(201, ask(one, 60), &j)
	s.limited(429, ask(one, 41)) // tokens
	s.want(201, ask(one, 40), nil)
	s.limited(429, ask(one, 1)) // jobs
	s.want(201, ask(two, 500), nil)
	s.want(201, ask("", 500), nil)
	s.limited(503, ask("", 1))
	s.stop()
	s = startOn(t, s.home, few)
	s.limited(503, ask("", 1))
	s.want(200, sent{method: "DELETE", path: fmt.Sprintf("/jobs/%d", j.ID)}, nil)
	s.want(201, ask(one, 60), nil)
	s.limited(503, ask(one, 1))
}

// The uploads and results of a token have a bound together; those of the owner have that of all.
func TestBytesOfAToken(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Each.Bytes = 3000 })
	may := s.tokenOf(Make)
	upload := func(n int) sent {
		return sent{method: "POST", path: "/uploads?name=a", body: make([]byte, n), token: may}
	}
	var a Upload
	s.want(201, upload(2000), &a)
	s.problem(507, upload(1001))
	s.want(201, sent{method: "POST", path: "/uploads?name=a", body: make([]byte, 5000)}, nil)
	var j jobs.Job
	ask := sent{method: "POST", path: "/apps/write?file=a.txt", body: map[string]any{"length": 20}, token: may, head: map[string]string{"Prefer": "wait=60"}}
	s.want(201, ask, &j)
	if j.State != jobs.Done || s.queue.Kept(a.By) < 100 {
		t.Fatalf("%+v: %d bytes are kept", j, s.queue.Kept(a.By))
	}
	kept := s.queue.Kept(a.By)
	s.want(201, upload(3000-2000-int(kept)), nil)
	s.problem(507, ask)
	s.stop()
	s = startOn(t, s.home, func(c *Config) { c.Limits.Each.Bytes = 3000 })
	s.problem(507, upload(1))
	s.want(200, sent{method: "DELETE", path: fmt.Sprintf("/jobs/%d", j.ID)}, nil)
	s.want(204, sent{method: "DELETE", path: fmt.Sprintf("/trash/job-%d", j.ID)}, nil)
	s.want(201, upload(int(kept)), nil)
	if got := s.queue.Kept(a.By); got != 0 {
		t.Errorf("%d bytes are kept of a job that is no more", got)
	}
}

// A token follows a few streams at once, and others can follow theirs.
func TestStreamsOfAToken(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Each.Streams = 1 })
	s.want(200, sent{method: "PATCH", path: "/queue", body: QueueChange{Paused: true}}, nil)
	one, two := s.tokenOf(Make), s.tokenOf(Make)
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, token: one}, nil)
	follow := func(token string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+base+"/jobs/1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Body.Close() })
		return a
	}
	for _, token := range []string{one, two, s.token, s.token} {
		if a := follow(token); a.StatusCode != 200 {
			t.Error(a.Status)
		}
	}
	s.limited(429, sent{method: "GET", path: "/jobs/1/events", token: one})
	// A token that is revoked hears no more.
	still, gone := follow(s.token), follow(s.tokenOf(Read))
	var all []Token
	s.want(200, sent{method: "GET", path: "/tokens"}, &all)
	for _, k := range all {
		s.want(204, sent{method: "DELETE", path: "/tokens/" + k.Name}, nil)
	}
	s.want(200, sent{method: "DELETE", path: "/jobs/1"}, nil)
	for a, hears := range map[*http.Response]bool{still: true, gone: false} {
		if b, err := io.ReadAll(a.Body); err != nil || strings.Contains(string(b), "cancelled") != hears {
			t.Errorf("%v: %q, error %v", hears, b, err)
		}
	}
}

// An archive that others bring has fewer members than one of the owner's may have.
func TestMembers(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Members = 3 })
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 4 {
		w, err := z.Create(fmt.Sprintf("%d.txt", i))
		if err == nil {
			_, err = io.WriteString(w, strings.Repeat("some words ", 20))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token string
		state jobs.State
	}{{s.tokenOf(Make), jobs.Failed}, {s.token, jobs.Done}} {
		var a Upload
		s.want(201, sent{method: "POST", path: "/uploads?name=works.zip", body: b.Bytes(), token: c.token}, &a)
		var j jobs.Job
		s.want(201, sent{method: "POST", path: "/apps/data-add", token: c.token, head: map[string]string{"Prefer": "wait=60"},
			body: map[string]any{"name": "works-" + string(c.state), "sources": []any{map[string]any{"upload": a.ID}}}}, &j)
		if j.State != c.state || c.state == jobs.Failed && !strings.Contains(j.Problem.Message, "more than 3 files") {
			t.Errorf("%s: %+v %+v", c.state, j, j.Problem)
		}
	}
}

// A body whose length nobody said ends where the disk would be full, and what it brought is removed.
func TestRoomWhileUploading(t *testing.T) {
	s := start(t)
	full := errors.New("full")
	free := int64(3 * roomEvery)
	body := &roomy{Reader: endless{}, room: func(bytes int64) error {
		if free -= bytes; free <= 0 {
			return full
		}
		return nil
	}}
	if n, err := io.Copy(io.Discard, body); !errors.Is(err, full) || n < 2*roomEvery || n > 4*roomEvery {
		t.Error(n, err)
	}
	s.uploads.room = func(string, int64) error { return failf(http.StatusInsufficientStorage, "the disk is full") }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+base+"/uploads?name=a", io.LimitReader(endless{}, 64<<20))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if left, _ := filepath.Glob(filepath.Join(s.home, uploadsFolder, "u*")); a.StatusCode != 507 || len(left) > 0 || s.uploads.total() != 0 {
		t.Error(a.Status, left, s.uploads.total())
	}
}

// endless reads zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }
