package run

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/model/train"
)

// trainingRuns is set in the environment of the process that
// TestKilledRunResumes kills.
const trainingRuns = "ATELIER_TEST_TRAINING_RUNS"

// reachedStep is the line by which that process tells that it can be killed.
const reachedStep = "killed here"

// TestKilledRunResumes kills a training process as a power cut would and goes
// on: the weights are those of a run that was never touched.
func TestKilledRunResumes(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t)))
	s := studio(t)
	child := exec.Command(os.Args[0], "-test.run=^TestTrainingProcess$")
	child.Env = append(os.Environ(), trainingRuns+"="+s.Runs)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != reachedStep {
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if child.Wait(); lines.Text() != reachedStep {
		t.Fatal("the training process ended before it was killed")
	}
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	dir, err := OpenDir(s.Runs, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if step, err := dir.Saved(); err != nil || step != 30 {
		t.Errorf("step %d is saved, error %v, want 30", step, err)
	}
	r, err := s.Resume(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(notices, "resuming at step 30 of 60") {
		t.Errorf("notices %q", notices)
	}
	if !slices.ContainsFunc(notices, func(line string) bool { return strings.HasPrefix(line, "at the pace so far, the rest in about ") }) {
		t.Errorf("how long the rest takes is not said: %q", notices)
	}
	if bytesOf(t, r) != whole {
		t.Error("killed and resumed: other weights than without a stop")
	}
}

// TestTrainingProcess is the process that TestKilledRunResumes kills.
func TestTrainingProcess(t *testing.T) {
	runs := os.Getenv(trainingRuns)
	if runs == "" {
		t.Skip("skipped: only TestKilledRunResumes runs it")
	}
	s := studio(t)
	s.Runs = runs
	s.Progress = func(e train.Event) {
		if e.Step == 35 { // between two checkpoints
			fmt.Println(reachedStep)
			for {
				time.Sleep(time.Hour) // until it is killed
			}
		}
	}
	if _, err := s.Train(t.Context(), parse(t)); err != nil {
		t.Fatal(err)
	}
	t.Fatal("trained to its end without being killed")
}
