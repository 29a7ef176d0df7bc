package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"atelier/internal/home"
)

// Every command that works for long says, when it is stopped, what is kept, and nothing of
// how it noticed.
func TestStoppedCommandsSayWhatIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := home.SetDatasets(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	command := func(ctx context.Context, line string) error {
		root := newRoot(&console{out: io.Discard, err: io.Discard})
		root.SetArgs(strings.Fields(line))
		return execute(ctx, root)
	}
	if err := os.WriteFile("words.csv", []byte("text\none\ntwo\nthree\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`train emoji steps=2 batch=4 limit=64 score.metrics=[] --threads 1`,
		`data add words words.csv`,
		`generate 0001-emoji -n 2 -o sheet.png`,
	} {
		if err := command(t.Context(), line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if err := os.CopyFS("runs/0002-emoji", os.DirFS("runs/0001-emoji")); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("interrupt signal received"))
	for line, want := range map[string]string{
		`train emoji`:                               "stopped; nothing was written",
		`evaluate 0001-emoji`:                       "stopped; no score was saved",
		`evaluate . --as emoji`:                     "stopped; no score was saved",
		`generate 0001-emoji -n 500 -o all.png`:     "stopped; nothing was written",
		`interpolate 0001-emoji -o walk.gif`:        "stopped; nothing was written",
		`nearest 0001-emoji`:                        "stopped; nothing was written",
		`compare 0001-emoji 0002-emoji --to c.png`:  "stopped; nothing was written",
		`reproduce sheet.png`:                       "stopped; nothing was written",
		`data add more words.csv`:                   "stopped; nothing was written",
		`data clean words`:                          "stopped before anything was collected",
		`data merge all words words`:                "stopped before anything was collected",
		`data verify words`:                         "stopped; nothing was written",
		`data export words --to out`:                "stopped; nothing was written",
		`data report words`:                         "stopped; nothing was written",
		`data reindex`:                              "stopped; the catalog is incomplete; repeat the command",
		`data forget words --origin words* --erase`: "stopped; what was forgotten stays forgotten; repeat the command for the rest",
		`bench modes seeds=1`:                       "stopped; the same command goes on",
	} {
		if err := command(stopped, line); err == nil || err.Error() != want {
			t.Errorf("atelier %s: %v, want %s", line, err, want)
		}
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("a part of a version was exported")
	}
}
