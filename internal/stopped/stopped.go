// Package stopped marks the errors of work that whoever asked for it has stopped, so that
// people are told what is kept and not how the work noticed.
package stopped

import (
	"context"
	"errors"
	"fmt"
)

// An Error is the error of work that was stopped. It wraps what ended the work's context,
// and [context.Canceled].
type Error struct {
	kept  string
	cause error
}

// Because returns the error of work that ended since its context has: what is kept, and how
// to go on.
func Because(ctx context.Context, kept string, args ...any) error {
	return &Error{fmt.Sprintf(kept, args...), context.Cause(ctx)}
}

// Error implements [error]. What ended the work, whoever did it knows.
func (e *Error) Error() string { return e.kept }

// Unwrap returns the causes.
func (e *Error) Unwrap() []error { return []error{context.Canceled, e.cause} }

// By reports whether an error of the work comes of its context, which has ended.
func By(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// Explained is an error of the work. If the work was stopped, and the error does not say
// what is kept, kept does.
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
