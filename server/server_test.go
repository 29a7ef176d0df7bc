package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "atelier/data/augment"
	_ "atelier/data/cards"
	_ "atelier/data/clean"
	_ "atelier/data/codec"
	"atelier/data/library"
	_ "atelier/data/source"
	"atelier/data/store"
	"atelier/engine"
	"atelier/internal/leaks"
	"atelier/jobs"
	_ "atelier/model/arch"
	_ "atelier/model/augment"
	_ "atelier/model/family"
	_ "atelier/model/feature"
	_ "atelier/model/loss"
	_ "atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

// scratch holds what the tests share.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "server"); err != nil {
		panic(err)
	}
	leaks.Main(m, func() { os.RemoveAll(scratch) })
}

// shared is a studio with a run that draws tiny pictures.
var shared = sync.OnceValues(func() (*run.Studio, error) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 1})
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	s := &run.Studio{Runs: filepath.Join(scratch, "runs"), Backend: backend, Kernels: engine.NewDots(engine.Options{}), Program: "test", Engine: "cpu"}
	text, err := recipes.Read("fashion")
	if err != nil {
		return nil, err
	}
	config, err := run.Parse("test.toml", text, "name=clothes", "steps=1", "pictures=1", "save=1", "batch=2", "score.metrics=[]",
		"model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]")
	if err != nil {
		return nil, err
	}
	_, err = s.Train(context.Background(), config)
	return s, err
})

// A site is a server of a test, and a client of it.
type site struct {
	*testing.T
	*Server
	home, url string
	token     string // the owner's
	stop      func()
}

// start starts a server on a home of its own, with a copy of the shared run.
func start(t *testing.T, change ...func(*Config)) *site {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	runs := filepath.Join(home, "runs")
	if err := os.CopyFS(runs, os.DirFS(s.Runs)); err != nil {
		t.Fatal(err)
	}
	return startOn(t, home, change...)
}

// startOn starts a server on a home.
func startOn(t *testing.T, home string, change ...func(*Config)) *site {
	t.Helper()
	t.Setenv("ATELIER_HOME", home)
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	kernels, matcher := engine.NewDots(engine.Options{Threads: 1}), engine.NewMatcher(engine.Options{Threads: 1})
	studio := &run.Studio{Runs: filepath.Join(home, "runs"), Home: home, Backend: backend, Kernels: kernels, Matcher: matcher,
		Program: "test", Engine: "cpu", Loaded: run.NewLoaded(0)}
	st, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := OwnerToken(home)
	if err != nil {
		t.Fatal(err)
	}
	l, err := OpenLedger(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	at, err := Place{Listen: "127.0.0.1:0"}.Open()
	if err != nil {
		t.Fatal(err)
	}
	limits := UsualLimits()
	limits.Reserve = 0
	c := Config{Home: home, Ledger: l, Owner: owner, Hosts: at.Hosts, Limits: limits, Log: slog.New(slog.DiscardHandler),
		Workshop: &jobs.Workshop{Studio: studio, Library: &library.Library{Store: st, Home: home, Program: "test"}}}
	for _, do := range change {
		do(&c)
	}
	srv, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ctx, at.Listener, nil) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		studio.Loaded.Close()
		matcher.Close()
		kernels.Close()
		backend.Finalize()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	t.Cleanup(stop)
	return &site{T: t, Server: srv, home: home, url: at.URL, token: owner, stop: stop}
}

// A sent request is one that a test makes.
type sent struct {
	method, path string
	body         any // JSON; []byte is sent as it is
	token        string
	head         map[string]string
	host         string
}

// do sends a request; token is the owner's if it is empty, and none for "none".
func (s *site) do(r sent) (*http.Response, []byte) {
	s.Helper()
	var body io.Reader
	switch b := r.body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	case io.Reader:
		body = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	path := r.path
	if !strings.HasPrefix(path, "/healthz") && !strings.HasPrefix(path, "/readyz") && !strings.HasPrefix(path, "/metrics") && !strings.HasPrefix(path, "//") {
		path = base + path
	}
	q, err := http.NewRequestWithContext(s.Context(), r.method, s.url+strings.TrimPrefix(path, "/"+"/"), body)
	if err != nil {
		s.Fatal(err)
	}
	switch r.token {
	case "":
		q.Header.Set("Authorization", "Bearer "+s.token)
	case "none":
	default:
		q.Header.Set("Authorization", "Bearer "+r.token)
	}
	if _, raw := r.body.([]byte); !raw && body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	for key, value := range r.head {
		q.Header.Set(key, value)
	}
	q.Host = r.host
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return a, b
}

// want sends a request and checks its status; into receives the answer, nil for nothing.
func (s *site) want(status int, r sent, into any) *http.Response {
	s.Helper()
	a, b := s.do(r)
	if a.StatusCode != status {
		s.Fatalf("%s %s: %d, want %d: %s", r.method, r.path, a.StatusCode, status, b)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			s.Fatalf("%s %s: %v: %s", r.method, r.path, err, b)
		}
	}
	return a
}

// problem sends a request that is refused, and returns why.
func (s *site) problem(status int, r sent) Problem {
	s.Helper()
	var p Problem
	a := s.want(status, r, &p)
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" || p.Status != status || p.Detail == "" || p.Request == "" {
		s.Errorf("%s %s: %s %+v", r.method, r.path, kind, p)
	}
	return p
}

// done runs an app and waits for it.
func (s *site) done(app string, inputs map[string]any, query string) jobs.Job {
	s.Helper()
	var j jobs.Job
	s.want(http.StatusCreated, sent{method: "POST", path: "/apps/" + app + query, body: inputs, head: map[string]string{"Prefer": "wait=60"}}, &j)
	if j.State != jobs.Done {
		s.Fatalf("%s: %+v %+v", app, j, j.Problem)
	}
	return j
}

// token makes a token of a scope.
func (s *site) tokenOf(scope Scope) string {
	s.Helper()
	var made NewToken
	s.want(http.StatusCreated, sent{method: "POST", path: "/tokens", body: TokenRequest{Name: fmt.Sprintf("t%d", time.Now().UnixNano()), Scope: scope}}, &made)
	return made.Secret
}
