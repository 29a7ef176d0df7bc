package stopped

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestExplained(t *testing.T) {
	signal := errors.New("interrupt signal received")
	ended, end := context.WithCancelCause(t.Context())
	end(signal)
	plain, cancel := context.WithCancel(t.Context())
	cancel()
	told := fmt.Errorf("metric fid: %w", Because(ended, "step %d is kept", 5))
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{ended, io.EOF, "EOF"},
		{t.Context(), context.Canceled, "context canceled"}, // some other context has ended
		{ended, fmt.Errorf("reading: %w", context.Canceled), "2 are kept"},
		{ended, fmt.Errorf("reading: %w", signal), "2 are kept"},
		{plain, context.Canceled, "2 are kept"},
		{ended, told, "step 5 is kept"},
	} {
		if got := Explained(c.ctx, c.err, "%d are kept", 2); got.Error() != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	if err := Explained(ended, nil, "nothing"); err != nil {
		t.Errorf("work that has ended by itself: %v", err)
	}
	if !errors.Is(told, context.Canceled) || !errors.Is(told, signal) {
		t.Error("the causes are not wrapped")
	}
}

// Work that cannot be interrupted is left to itself, and only then.
func TestLeft(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := false
	if Left(ctx, func() { done = true }) || !done {
		t.Error("work that ends is left")
	}
	release, ended := make(chan struct{}), make(chan struct{})
	if !Left(ctx, func() { stop(); <-release; close(ended) }) {
		t.Error("work that goes on is waited for")
	}
	close(release)
	<-ended
}
