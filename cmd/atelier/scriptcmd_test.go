package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitsWith runs a command that must exit with a code: code 2 atelier lits.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// isOneLine checks that the last command complained once: one line on stderr
// that starts with the program's name, and nothing on stdout.
func isOneLine(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stderr")
	if neg || len(args) > 0 {
		ts.Fatalf("usage: oneline")
	}
	if !strings.HasPrefix(text, "atelier: ") || strings.Count(text, "\n") != 1 || ts.ReadFile("stdout") != "" {
		ts.Fatalf("want one line from atelier on stderr alone, got %q", text)
	}
}

// awaits waits until a file exists.
func awaits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	const patience = time.Minute
	for began := time.Now(); time.Since(began) < patience; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s did not come to be in %v", args[0], patience)
}
