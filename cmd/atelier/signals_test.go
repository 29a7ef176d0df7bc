//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A training is a process that trains a run without end.
type training struct {
	*exec.Cmd
	dir   string
	said  strings.Builder
	ended chan error
}

// startTraining starts one, by another program if there is one, and waits until it has
// saved something.
func startTraining(t *testing.T, by ...string) *training {
	t.Helper()
	p := &training{dir: t.TempDir(), ended: make(chan error, 1)}
	words := append(by, "atelier", "train", "rings", "steps=1000000000", "save=5", "pictures=1000000", "batch=16", "score.metrics=[]", "--threads", "1")
	p.Cmd = exec.CommandContext(t.Context(), words[0], words[1:]...)
	p.Cmd.Dir, p.Cmd.Stderr = p.dir, &p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	p.until(t, 5)
	return p
}

// until waits until a step is saved, and returns the one that is.
func (p *training) until(t *testing.T, step int) int {
	t.Helper()
	for {
		found, _ := filepath.Glob(filepath.Join(p.dir, "runs", "0001-rings", "checkpoint", "step-*"))
		for _, name := range found {
			if saved, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(name), "step-")); err == nil && saved >= step {
				return saved
			}
		}
		select {
		case err := <-p.ended:
			t.Fatalf("the training ended by itself: %v %s", err, p.said.String())
		case <-time.After(time.Millisecond): // until the next look
		}
	}
}

// stopped sends a signal so many times, or until the process has ended, and checks
// that all was saved.
func (p *training) stopped(t *testing.T, sig os.Signal, times int) {
	t.Helper()
	for ; times > 0 && p.Process.Signal(sig) == nil; times-- {
	}
	err := <-p.ended
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailure {
		t.Errorf("ended with %v", err)
	}
	if said := p.said.String(); !strings.Contains(said, "everything is saved; resume with: atelier train --resume 0001-rings") {
		t.Errorf("said %s", said)
	}
}

func TestSignalsStopCleanly(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) { startTraining(t).stopped(t, sig, 1) })
	}
	t.Run("hangup", func(t *testing.T) { // which the shell and the system each signal
		if signal.Ignored(syscall.SIGHUP) {
			t.Skip("skipped: under nohup a training outlives its terminal")
		}
		startTraining(t).stopped(t, syscall.SIGHUP, 1<<30)
	})
}

// Under nohup a process outlives its terminal.
func TestHangupUnderNohup(t *testing.T) {
	p := startTraining(t, "sh", "-c", `trap "" HUP; exec "$0" "$@"`) // as nohup does
	saved := p.until(t, 5)
	p.Process.Signal(syscall.SIGHUP)
	p.until(t, saved+20)
	p.stopped(t, os.Interrupt, 1)
}
