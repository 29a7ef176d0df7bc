package server

import (
	"context"
	"fmt"

	"atelier/internal/badinput"
)

// A Scope is what a token may do; each includes those before it.
type Scope int

// The scopes.
const (
	// Anyone needs no token: what shows nothing of what the home holds.
	Anyone Scope = iota
	// Read looks at jobs, results, runs and datasets.
	Read
	// Make adds jobs and uploads, and cancels and puts into the trash what it made itself.
	Make
	// Admin changes what others made, names paths of this machine, manages tokens, and empties the trash.
	Admin
)

var scopeNames = []string{"anyone", "read", "make", "admin"}

// ParseScope reads the name of a scope of tokens.
func ParseScope(name string) (Scope, error) {
	for i, n := range scopeNames {
		if n == name && i > 0 {
			return Scope(i), nil
		}
	}
	return 0, badinput.Errorf("no scope %q; want read, make or admin", name)
}

// String implements [fmt.Stringer].
func (s Scope) String() string {
	if s < 0 || int(s) >= len(scopeNames) {
		return fmt.Sprintf("scope %d", int(s))
	}
	return scopeNames[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Scope) UnmarshalText(text []byte) (err error) {
	*s, err = ParseScope(string(text))
	return err
}

// A Caller is who sent a request.
type Caller struct {
	// Name is that of the token, or "owner".
	Name string `json:"name"`
	// Scope is what it may do.
	Scope Scope `json:"scope"`
	// Session reports that it is a browser's, by its cookie.
	Session bool `json:"session"`

	key string // of its session, hashed
}

type callerKey struct{}

// CallerOf is who sent the request of a context; its scope is [Anyone] if nobody said so.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
