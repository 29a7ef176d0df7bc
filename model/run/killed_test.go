package run

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"atelier/model/train"
)

// trainingRuns is set in the environment of the process that
// TestKilledRunResumes kills.
const trainingRuns = "ATELIER_TEST_TRAINING_RUNS"

// TestKilledRunResumes kills a training process as a power cut would and goes
// on: the weights are those of a run that was never touched.
func TestKilledRunResumes(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t)))
	s := studio(t)
	child := exec.Command(os.Args[0], "-test.run=^TestTrainingProcess$")
	child.Env = append(os.Environ(), trainingRuns+"="+s.Runs)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	wait := time.Now().Add(3 * time.Minute)
	for {
		if dir, err := OpenDir(s.Runs, "tiny"); err == nil {
			if lines, err := dir.ReadStats(); err == nil && len(lines) >= 30 {
				break
			}
		}
		if time.Now().After(wait) {
			t.Fatal("the training process did not come to step 30")
		}
		time.Sleep(time.Millisecond)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	r, err := s.Resume(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
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
	// Slow enough to be killed before the end.
	s.Progress = func(train.Event) { time.Sleep(10 * time.Millisecond) }
	if _, err := s.Train(t.Context(), parse(t)); err != nil {
		t.Fatal(err)
	}
	t.Fatal("trained to its end without being killed")
}
