// Command atelier trains generative models on your data, measures them and
// makes things with them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"atelier/internal/badinput"
)

// The codes that the program exits with.
const (
	exitFailure  = 1
	exitBadInput = 2
)

func main() {
	// The first signal asks for a clean stop, the second ends the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	c := newConsole(os.Stdout, os.Stderr)
	root := newRoot(c)
	err := root.ExecuteContext(ctx)
	if lost := c.lost(); lost != nil && err == nil {
		err = lost
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "atelier: "+oneLine(err))
		os.Exit(exitCode(err))
	}
}

// exitCode tells mistakes from failures. To ask for a place that may not be
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
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
