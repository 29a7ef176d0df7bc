// Command atelier trains generative models on your data, measures them and
// makes things with them.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/stopped"
)

// The codes that the program exits with.
const (
	exitFailure  = 1
	exitBadInput = 2
)

// keptByStop says what is kept when a command is stopped, unless its error says so or
// nothing was written.
var keptByStop = map[string]string{
	"evaluate": "no score was saved",
	"forget":   "what was forgotten stays forgotten; repeat the command for the rest",
	"reindex":  "the catalog is incomplete; repeat the command",
}

func main() {
	durable.HeedLimits()
	ctx := untilStopped()
	c := newConsole(os.Stdout, os.Stderr)
	err := execute(ctx, newRoot(c))
	if lost := c.lost(); lost != nil && err == nil {
		err = lost
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "atelier: "+oneLine(err))
		os.Exit(exitCode(err))
	}
}

// execute runs the command line. If it was stopped, the error says what is kept.
func execute(ctx context.Context, root *cobra.Command) error {
	cmd, err := root.ExecuteContextC(ctx)
	return stopped.Explained(ctx, err, "stopped; %s", cmp.Or(keptByStop[cmd.Name()], "nothing was written"))
}

// untilStopped returns a context that the first signal to stop ends, so that the
// work can stop cleanly; the second ends the program. That the terminal is gone,
// which may be told twice, is no second one, and neither is that nobody reads what
// is printed any more. Under nohup it is no signal to stop.
func untilStopped() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(ctx)
	// What is heard once is listened for to the end: while a signal is being ignored again
	// it can still kill.
	heard := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(heard, syscall.SIGHUP)
	}
	go func() {
		for sig := range heard {
			cancel(fmt.Errorf("%v signal received", sig))
		}
	}()
	context.AfterFunc(ctx, func() {
		signal.Notify(heard, syscall.SIGPIPE)
		stop()
	})
	return ctx
}

// exitCode distinguishes mistakes from failures. A place that may not be
// written is a mistake.
func exitCode(err error) int {
	for _, mistake := range []error{badinput.Err, fs.ErrPermission, syscall.EROFS} {
		if errors.Is(err, mistake) {
			return exitBadInput
		}
	}
	return exitFailure
}

// oneLine is the message of an error on one line.
func oneLine(err error) string { return visible(strings.Join(strings.Fields(err.Error()), " ")) }
