package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// info is what is known of a request.
type info struct {
	id     string
	caller Caller
	err    error
	route  string
}

type infoKey struct{}

func infoOf(ctx context.Context) *info {
	if i, ok := ctx.Value(infoKey{}).(*info); ok {
		return i
	}
	return &info{}
}

// policy is what pages may load: what the server itself has.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"

// outermost is what every request goes through: its id, the headers of the answer, the list of
// hosts, the origin, and the log.
func (s *Server) outermost(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	in := &info{id: newID(), route: "unknown"}
	r = r.WithContext(context.WithValue(r.Context(), infoKey{}, in))
	rec := &recorder{ResponseWriter: w}
	h := rec.Header()
	h.Set("X-Request-Id", in.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.config.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			in.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			if rec.status == 0 {
				s.fail(rec, r, in.err)
			}
		}
		s.logged(r, rec, in, time.Since(began))
	}()
	switch {
	case !s.knowsHost(r.Host):
		s.fail(rec, r, failf(http.StatusMisdirectedRequest, "the host %q is not one of this server; give others with --public-url", r.Host))
	case s.origin().Check(r) != nil:
		s.fail(rec, r, failf(http.StatusForbidden, "the request comes from a page of another origin"))
	default:
		s.serve(rec, r, in)
	}
}

// serve finds the route of a request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, in *info) {
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		in.route = pattern
		s.mux.ServeHTTP(w, r)
		return
	}
	// The mux knows which methods a path has; its answers become problems, for callers alone.
	s.guarded(Read, func(w http.ResponseWriter, r *http.Request) error {
		probe := &recorder{ResponseWriter: discard{http.Header{}}}
		h.ServeHTTP(probe, r)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.Header().Get("Allow"))
			return failf(http.StatusMethodNotAllowed, "%s takes %s, not %s", r.URL.Path, probe.Header().Get("Allow"), r.Method)
		}
		if s.lost != nil && !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html") {
			s.lost.ServeHTTP(w, r)
			return nil
		}
		return failf(http.StatusNotFound, "there is nothing at %s; /api/v1/openapi.json says what there is", r.URL.Path)
	}).ServeHTTP(w, r)
}

// discard is a writer of nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// origin refuses requests that change something and come from pages elsewhere.
func (s *Server) origin() *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	for _, o := range s.config.Origins {
		p.AddTrustedOrigin(o) // checked when it was configured
	}
	return p
}

// knowsHost reports whether a host is one of the server's.
func (s *Server) knowsHost(host string) bool {
	return slices.ContainsFunc(s.config.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// guarded lets callers of a scope in.
func (s *Server) guarded(scope Scope, do func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := infoOf(r.Context())
		c, err := s.callerOf(r)
		in.caller = c
		key := c.Name
		if c.Scope == Anyone {
			key = remote(r)
		}
		switch {
		case err != nil:
		case !s.callers.may(key):
			err = laterf(http.StatusTooManyRequests, 1, "too many requests; at most %d a second", s.config.Limits.Rate)
		case scope > Anyone && c.Scope == Anyone:
			err = failf(http.StatusUnauthorized, "want a token, as Authorization: Bearer TOKEN, or a session; atelier studio prints a link, and atelier studio token add makes a token")
		case c.Scope < scope:
			err = failf(http.StatusForbidden, "the token %q has the scope %s; this needs %s", c.Name, c.Scope, scope)
		}
		if err == nil {
			err = do(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
		}
		if err != nil && w.(*recorder).status == 0 {
			s.fail(w, r, err)
		} else if err != nil {
			in.err = err
		}
	})
}

// callerOf finds who sends a request: by its token, or else by its cookie.
func (s *Server) callerOf(r *http.Request) (Caller, error) {
	if head := r.Header.Get("Authorization"); head != "" {
		word, token, _ := strings.Cut(head, " ")
		c, ok, err := Caller{}, false, error(nil)
		if strings.EqualFold(word, "Bearer") {
			c, ok, err = s.door.byToken(r.Context(), strings.TrimSpace(token))
		}
		if err == nil && !ok {
			err = failf(http.StatusUnauthorized, "the token is not known, or it has expired or was revoked")
		}
		return c, err
	}
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return Caller{}, nil
	}
	c, ok, err := s.door.bySession(r.Context(), cookie.Value)
	if !ok {
		c = Caller{}
	}
	return c, err
}

// still refuses a request that goes on after its token was revoked or has expired, or its session has ended.
func (s *Server) still(r *http.Request) error {
	c, err := s.callerOf(r)
	if err == nil && c.Scope == Anyone {
		err = failf(http.StatusUnauthorized, "the session has ended")
	}
	return err
}

// cookieName is that of sessions: of its own for every home, for cookies do not know ports.
func (s *Server) cookieName() string {
	name := "atelier_" + s.config.Workshop.Instance[:8]
	if s.config.Secure {
		name = "__Host-" + name
	}
	return name
}

func newID() string {
	b := make([]byte, 8)
	rand.Read(b) // it does not fail
	return hex.EncodeToString(b)
}

// remote is the address of a client without its port.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// logged writes the line of a request.
func (s *Server) logged(r *http.Request, rec *recorder, in *info, took time.Duration) {
	level, attributes := slog.LevelInfo, []any{"request", in.id, "method", r.Method, "path", r.URL.Path, "status", rec.status,
		"bytes", rec.bytes, "ms", took.Milliseconds(), "by", in.caller.Name}
	if in.err != nil {
		attributes = append(attributes, "error", in.err.Error())
		if rec.status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	s.config.Log.Log(r.Context(), level, "request", attributes...)
	s.metrics.request(in.route, rec.status, took)
}

// A recorder knows what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap is for [http.ResponseController].
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
