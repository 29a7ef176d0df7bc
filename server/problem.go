package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"syscall"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/jobs"
	"atelier/model/run"
)

// A Problem is the body of an error (RFC 9457, application/problem+json).
type Problem struct {
	// Type is "about:blank": the status says what sort of problem it is.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what is wrong and what would be right.
	Detail string `json:"detail"`
	// Field is the input or parameter that is wrong, if one is.
	Field string `json:"field,omitempty"`
	// Request is the id of the request, as in the log.
	Request string `json:"request,omitempty"`
}

// A statusError is an error with its status.
type statusError struct {
	status int
	field  string
	err    error
	after  int // seconds after which to try again, 0 for none
}

func (e *statusError) Error() string { return e.err.Error() }

func (e *statusError) Unwrap() error { return e.err }

// failf is an error with a status.
func failf(status int, format string, args ...any) error {
	return &statusError{status: status, err: fmt.Errorf(format, args...)}
}

// fieldf is an error of a parameter.
func fieldf(field, format string, args ...any) error {
	return &statusError{status: http.StatusUnprocessableEntity, field: field, err: fmt.Errorf(format, args...)}
}

// laterf is an error that is gone after some seconds.
func laterf(status, seconds int, format string, args ...any) error {
	return &statusError{status: status, err: fmt.Errorf(format, args...), after: seconds}
}

// problemOf is what an error is for a client. Failures of the machine keep their details for the
// log.
func problemOf(err error) (p Problem, after int) {
	p = Problem{Type: "about:blank", Detail: err.Error()}
	var with *statusError
	var field *jobs.FieldError
	var large *http.MaxBytesError
	var unwritten *durable.WriteError
	switch {
	case errors.As(err, &field):
		p.Status, p.Field = http.StatusUnprocessableEntity, field.Field
	case errors.As(err, &with):
		p.Status, p.Field, after = with.status, with.field, with.after
	case errors.As(err, &large):
		p.Status, p.Detail = http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", large.Limit)
	case errors.Is(err, jobs.ErrNoJob), errors.Is(err, run.ErrNoRun):
		p.Status = http.StatusNotFound
	case errors.Is(err, jobs.ErrState):
		p.Status = http.StatusConflict
	case errors.Is(err, jobs.ErrFull):
		p.Status, after = http.StatusServiceUnavailable, 60
	case errors.Is(err, jobs.ErrQuota):
		p.Status, after = http.StatusTooManyRequests, 10
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		p.Status, p.Detail = http.StatusInsufficientStorage, "the disk is full"
	case errors.As(err, &unwritten):
		p.Status, p.Detail = http.StatusInternalServerError, "the server could not write to its disk"
	case errors.Is(err, fs.ErrNotExist):
		p.Status, p.Detail = http.StatusNotFound, "there is no such file"
	case errors.Is(err, badinput.Err):
		p.Status = http.StatusUnprocessableEntity
	default:
		p.Status, p.Detail = http.StatusInternalServerError, "the server failed; its log says why"
	}
	p.Title = http.StatusText(p.Status)
	return p, after
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, after := problemOf(err)
	p.Detail = s.said(r, p.Detail)
	info := infoOf(r.Context())
	p.Request = info.id
	info.err = err
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Disposition")
	h.Del("ETag")
	if after > 0 {
		h.Set("Retry-After", strconv.Itoa(after))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="atelier"`)
	}
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the client may be gone
}
