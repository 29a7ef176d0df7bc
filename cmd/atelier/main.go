// Command atelier trains generative models on your data, measures them and
// makes things with them.
package main

import (
	"context"
	"errors"
	"fmt"
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
	if err != nil {
		fmt.Fprintln(os.Stderr, "atelier: "+oneLine(err))
		os.Exit(exitCode(err))
	}
}

func exitCode(err error) int {
	if errors.Is(err, badinput.Err) {
		return exitBadInput
	}
	return exitFailure
}

// oneLine is the message of an error on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
