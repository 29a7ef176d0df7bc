// Package server is the API of a studio: apps, jobs and their events, uploads, results, runs and
// datasets over HTTP, for programs and for pages. Whoever asks is known, and names files of the
// server by what it has handed out, never by a path.
//
// Pages are mounted beside the API by [Server.Handle].
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"atelier/internal/ledger"
	"atelier/jobs"
	"atelier/model/brought"
	"atelier/model/run"
)

// A Config is what a server is made of.
type Config struct {
	// Home is the folder of uploads, outputs and the ledger.
	Home string
	// Ledger is that of [OpenLedger]; who opened it closes it.
	Ledger *ledger.Ledger
	// Workshop does the jobs.
	Workshop *jobs.Workshop
	// Owner is the owner's token.
	Owner string
	// Hosts are the hosts, with ports where they are not usual, that requests may be for.
	Hosts []string
	// Origins are the origins of pages elsewhere that may call; none usually.
	Origins []string
	// Secure says that cookies travel encrypted only.
	Secure bool
	// Shares are folders that clients may name, by name.
	Shares map[string]string
	// Limits bound what a client may use.
	Limits Limits
	// Log receives a line for each request, and failures.
	Log *slog.Logger
}

// A Server answers requests.
type Server struct {
	config  Config
	queue   *jobs.Queue
	door    *door
	uploads *uploads
	files   *files
	metrics *metrics
	mux     *http.ServeMux
	routes  []route
	callers callers
	known   summaryCache
	openapi func() []byte
	lost    http.Handler                              // of browsers; nil for none
	say     func(r *http.Request, text string) string // nil for English
	started time.Time
	ready   chan struct{} // closed once jobs are done
	leaving chan struct{} // closed when it stops
	left    sync.Once
}

// New makes a server; the queue is read, and nothing is done yet.
func New(c Config) (*Server, error) {
	q, err := jobs.OpenQueue(c.Ledger, c.Home)
	if err != nil {
		return nil, advised(err)
	}
	s := &Server{config: c, queue: q, mux: http.NewServeMux(), started: time.Now(), ready: make(chan struct{}), leaving: make(chan struct{})}
	q.Bound(jobs.Quotas{Each: c.Limits.Each.waiting(), All: c.Limits.All.waiting(), Owner: ownerName, Room: s.roomFor})
	s.door = &door{Tokens: Tokens{c.Ledger}, owner: hashed(c.Owner), codes: map[string]time.Time{}}
	if s.uploads, err = openUploads(c.Home, c.Limits, s.roomFor); err != nil {
		return nil, err
	}
	s.files = &files{server: s}
	w := c.Workshop
	w.Files = s.files
	w.Known = jobs.Known(w.Studio, func() []string { return append(brought.NewStore(w.Studio.Home).Names(), brought.BuiltIn) })
	w.Dataset = s.isDataset
	w.Members = c.Limits.Members
	if w.Instance, err = q.Instance(); err != nil {
		return nil, err
	}
	s.callers.init(c.Limits)
	s.metrics = newMetrics(s)
	s.openapi = sync.OnceValue(s.describe)
	s.routes = allRoutes()
	for _, r := range s.routes {
		s.mux.Handle(r.method+" "+r.path, s.guarded(r.scope, func(w http.ResponseWriter, req *http.Request) error { return r.do(s, w, req) }))
	}
	return s, nil
}

// Handle mounts what is not the API, such as a page: a pattern of [http.ServeMux] with a method,
// for callers of a scope at least. [CallerOf] says who calls. The handler has the headers of
// every answer, a strict Content-Security-Policy among them, and can set others.
func (s *Server) Handle(pattern string, scope Scope, h http.Handler) {
	s.mux.Handle(pattern, s.guarded(scope, func(w http.ResponseWriter, r *http.Request) error { h.ServeHTTP(w, r); return nil }))
}

// HandleLost mounts what browsers are shown where there is nothing.
func (s *Server) HandleLost(h http.Handler) { s.lost = h }

// Queue is the queue of the jobs.
func (s *Server) Queue() *jobs.Queue { return s.queue }

// Workshop does the jobs.
func (s *Server) Workshop() *jobs.Workshop { return s.config.Workshop }

// Code is a new one-time code, which a browser trades for a session.
func (s *Server) Code() string { return s.door.code() }

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.outermost(w, r) }

const (
	// stopTime is how long the server takes to stop, at most.
	stopTime = 8 * time.Second
	idleTime = 2 * time.Minute
	mostHead = 64 << 10 // bytes
)

// Serve answers requests and does jobs until ctx ends, and then stops in a few seconds: requests
// end, and jobs that do not are put back.
func (s *Server) Serve(ctx context.Context, l net.Listener, certificates *tls.Config) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: s.config.Limits.Head, IdleTimeout: idleTime, MaxHeaderBytes: mostHead, TLSConfig: certificates,
		ErrorLog: slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	if certificates != nil {
		l = tls.NewListener(l, certificates)
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	working, stop := context.WithCancel(ctx)
	defer stop()
	worked := make(chan error, 1)
	go func() {
		worked <- s.queue.Run(working, s.config.Workshop, jobs.Lanes(s.config.Limits.Apps), stopTime)
	}()
	close(s.ready)
	go s.warm()
	var err error
	select {
	case err = <-served:
	case err = <-worked:
		worked <- nil
	case <-ctx.Done():
	}
	stop()
	s.left.Do(func() { close(s.leaving) })
	err = errors.Join(err, <-worked)
	ending, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if down := h.Shutdown(ending); down != nil {
		h.Close()
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// warm reads the runs, so that the first list of many is no slower than the next.
func (s *Server) warm() {
	if _, _, err := s.summaries(""); err != nil {
		s.config.Log.Error("the runs cannot be listed", "error", err)
	}
	debug.FreeOSMemory() // reading a thousand run files leaves much behind
	letGo()
}

// isDataset reports whether a word names a dataset that is kept, or a well-known set.
func (s *Server) isDataset(word string) bool { return s.dataset(word) }

// runs is the folder of the runs.
func (s *Server) runs() string { return s.config.Workshop.Studio.Runs }

// run opens a run by its name.
func (s *Server) run(name string) (*run.Dir, error) {
	return run.OpenKept(s.runs(), name)
}

// exists reports whether there is a file.
func exists(path string) bool { _, err := os.Lstat(path); return err == nil }

// untilLeaving is a context that ends with another one, or when the server stops.
func (s *Server) untilLeaving(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	go func() {
		select {
		case <-s.leaving:
			cancel()
		case <-stop:
		case <-ctx.Done():
		}
	}()
	return ctx, func() { close(stop); cancel() }
}
