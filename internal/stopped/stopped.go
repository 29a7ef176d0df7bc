// Package stopped marks errors of work that was stopped on request, so that users are told what was
// kept rather than how the work noticed.
package stopped

import (
	"context"
	"errors"
	"fmt"
)

// An Error is the error of stopped work. It wraps the cause that ended the work's context, and
// [context.Canceled].
type Error struct {
	kept  string
	cause error
}

// Because returns the error of work whose context has ended: what was kept, and how to continue.
func Because(ctx context.Context, kept string, args ...any) error {
	return &Error{fmt.Sprintf(kept, args...), context.Cause(ctx)}
}

// Error implements [error]. It omits the cause, which whoever stopped the work knows.
func (e *Error) Error() string { return e.kept }

// Unwrap returns the causes.
func (e *Error) Unwrap() []error { return []error{context.Canceled, e.cause} }

// By reports whether an error of the work is due to its context, which has ended.
func By(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// Left runs work that cannot be interrupted, and reports whether it was left running because the
// context has ended. Its results must then not be touched.
func Left(ctx context.Context, work func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	select {
	case <-done:
		return false
	case <-ctx.Done():
		return true
	}
}

// Explained is an error of the work. If the work was stopped, and the error does not say what was
// kept, kept is added.
func Explained(ctx context.Context, err error, kept string, args ...any) error {
	var told *Error
	switch {
	case errors.As(err, &told):
		return told
	case By(ctx, err):
		return Because(ctx, kept, args...)
	}
	return err
}
