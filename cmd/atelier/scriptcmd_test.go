package main

import (
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"atelier/internal/midi"
)

// exitsWith runs a command that must exit with a code, or with one of several:
// code 2 atelier lits, code 0|1 atelier bench startup.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [argument...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, want %s", got, args[0])
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

// awaits waits, for as long as a command runs in the background that may make it,
// until there is a file of a pattern.
func awaits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await PATTERN")
	}
	for alive := true; alive; time.Sleep(5 * time.Millisecond) {
		alive = slices.ContainsFunc(ts.BackgroundCmds(), func(c *exec.Cmd) bool {
			return !errors.Is(c.Process.Signal(syscall.Signal(0)), os.ErrProcessDone)
		})
		found, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		if len(found) > 0 {
			return
		}
	}
	ts.Fatalf("no command is left in the background, and none has made %s", args[0])
}

// setsFrom sets a variable to what is in a file: setfrom VARIABLE FILE.
func setsFrom(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setfrom VARIABLE FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// decodes writes the file that another holds in base64: unbase64 FROM TO.
func decodes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unbase64 FROM TO")
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o666))
}

// writesMIDI writes files of two voices, eight bars each: midi FILE...
func writesMIDI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: midi FILE...")
	}
	for n, file := range args {
		song := &midi.Song{Quarter: 480, Tracks: 2, End: 8 * 4 * 480}
		for i := range 32 {
			for track := range 2 {
				song.Notes = append(song.Notes, midi.Note{At: int64(i) * 480, Length: 480, Track: track, Channel: uint8(track),
					Pitch: uint8(72 - 12*track + (i+n)%8), Velocity: 80})
			}
		}
		b, err := song.Write()
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(file), b, 0o666))
	}
}
