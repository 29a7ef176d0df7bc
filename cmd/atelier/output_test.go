package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"atelier/app"
	"atelier/data"
	"atelier/engine"
)

// A stopping app is called off when some of its files are made.
type stopping struct {
	made, of int
	stop     context.CancelFunc
}

func (s *stopping) Example() string { return "" }

func (s *stopping) Run(ctx context.Context, env *app.Env) error {
	var names []string
	for i := range s.of {
		names = append(names, fmt.Sprintf("%d.txt", i))
	}
	if err := env.Expect(names...); err != nil {
		return err
	}
	for _, name := range names[:s.made] {
		if err := env.Emit(data.Item{Name: name}); err != nil {
			return err
		}
	}
	s.stop()
	return ctx.Err()
}

// What was written before an interruption is told.
func TestInterruptedOutput(t *testing.T) {
	for _, c := range []struct {
		made int
		want string
	}{{0, ""}, {1, "wrote 1 of 10 files to %s\n"}, {3, "wrote 3 of 10 files to %s\n"}} {
		ctx, stop := context.WithCancel(t.Context())
		out := filepath.Join(t.TempDir(), "out")
		var said, errs bytes.Buffer
		cli := &cli{console: &console{out: &said, err: &errs}, engine: engine.Options{Device: engine.CPU, Threads: 1}}
		if err := cli.runApp(ctx, &stopping{c.made, 10, stop}, &marks{}, out, newGuard(false), false); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		want := c.want
		if want != "" {
			want = fmt.Sprintf(want, out)
		}
		if said.String() != want {
			t.Errorf("said %q, want %q", said.String(), want)
		}
	}
}

// What is left of samples that were drawn into a folder can be asked for.
func TestRestOfSamples(t *testing.T) {
	g := app.New[*app.Generate]()
	g.Seed, g.Class = 7, []string{"a"}
	to := &output{written: []string{"1", "2", "3"}, expected: 100}
	if got, want := restOf(g, to), "; for the other 97 repeat the command with --seed 10 -n 97"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	g.Class = []string{"a", "b"}
	if got := restOf(g, to); got != "" {
		t.Errorf("of two classes: %q", got)
	}
	if got := restOf(&stopping{}, to); got != "" {
		t.Errorf("of another app: %q", got)
	}
}
