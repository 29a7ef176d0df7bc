package run

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"atelier/internal/durable"
)

func TestSaveCheckpointKeeps(t *testing.T) {
	d := newDir(t)
	if _, _, err := d.Latest(); !errors.Is(err, ErrNoCheckpoint) || err.Error() != "run 0001-test has no checkpoint yet" {
		t.Errorf("error %v", err)
	}
	for _, c := range []struct {
		step int
		best bool
		want string
	}{
		{0, false, "[0]"}, {10, true, "[0 10]"}, {20, false, "[10 20]"}, {30, false, "[10 20 30]"},
		{40, true, "[10 30 40]"}, // 10 goes with the next one
		{50, false, "[40 50]"}, {60, false, "[40 50 60]"},
		{60, false, "[40 50 60]"}, // the same once more
		{45, false, "[40 45]"},    // turned back
		{30, false, "[30]"},       // turned back behind the best
	} {
		if err := d.SaveCheckpoint(c.step, contents(c.step)); err != nil {
			t.Fatal(err)
		}
		if c.best {
			if err := d.MarkBest(c.step); err != nil {
				t.Fatal(err)
			}
		}
		steps, err := d.steps()
		if got := fmt.Sprint(steps); err != nil || got != c.want {
			t.Errorf("after step %d: %s, error %v, want %s", c.step, got, err, c.want)
		}
		latest(t, d, c.step)
	}
	if err := d.MarkBest(40); err == nil {
		t.Error("marked a checkpoint that was removed")
	}
}

func TestBest(t *testing.T) {
	d := newDir(t)
	for _, step := range []int{10, 20, 30} {
		if err := d.SaveCheckpoint(step, contents(step)); err != nil {
			t.Fatal(err)
		}
		if step == 10 {
			if ck, _, err := d.Best(); err != nil || ck.Step != 10 {
				t.Errorf("none marked: %v, error %v", ck, err)
			}
			if err := d.MarkBest(10); err != nil {
				t.Fatal(err)
			}
		}
	}
	ck, warnings, err := d.Best()
	if err != nil || ck.Step != 10 || len(warnings) != 0 || len(ck.Hash) != 64 {
		t.Fatalf("best %v, warnings %v, error %v", ck, warnings, err)
	}
	flip(t, filepath.Join(ck.Path, "weights.safetensors"))
	ck, warnings, err = d.Best()
	if err != nil || ck.Step != 30 || len(warnings) != 1 || !strings.Contains(warnings[0], "weights.safetensors is damaged") {
		t.Errorf("best damaged: %v, warnings %v, error %v", ck, warnings, err)
	}
}

func TestLatestPassesOverDamage(t *testing.T) {
	d := newDir(t)
	for _, step := range []int{10, 20} {
		if err := d.SaveCheckpoint(step, contents(step)); err != nil {
			t.Fatal(err)
		}
	}
	flip(t, filepath.Join(d.checkpoint(20), "weights.safetensors"))
	ck, warnings, err := d.Latest()
	if err != nil || ck.Step != 10 || len(warnings) != 1 {
		t.Fatalf("latest %v, warnings %v, error %v", ck, warnings, err)
	}
	want := fmt.Sprintf("checkpoint of step 20 skipped: %s is damaged: its SHA-256 is not that of the manifest", filepath.Join(d.checkpoint(20), "weights.safetensors"))
	if warnings[0] != want {
		t.Errorf("warning %q, want %q", warnings[0], want)
	}
	flip(t, filepath.Join(d.checkpoint(10), "state.json"))
	if _, _, err := d.Latest(); err == nil || !strings.Contains(err.Error(), "no whole checkpoint left") {
		t.Errorf("error %v", err)
	}
}

func TestSaveCheckpointFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("skipped: no /dev/full on " + runtime.GOOS)
	}
	defer full.Close()
	d := newDir(t)
	if err := d.SaveCheckpoint(10, contents(10)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{10, 20} {
		err := d.SaveCheckpoint(step, func(to *durable.Files) error {
			if err := to.WriteFile("state.json", nil); err != nil {
				return err
			}
			_, err := full.Write([]byte("weights"))
			return err
		})
		want := fmt.Sprintf("cannot write %s: the disk is full; what was there before is unchanged: free some space", d.checkpoint(step))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		latest(t, d, 10)
	}
	if entries, err := os.ReadDir(d.Path(checkpoints)); err != nil || len(entries) != 1 {
		t.Errorf("left %v, error %v", entries, err)
	}
}

// savingDir is set in the environment of the process that TestKill kills.
const savingDir = "ATELIER_TEST_SAVING_DIR"

// TestKill kills a process that saves one checkpoint after the other.
func TestKill(t *testing.T) {
	d := newDir(t)
	saved := -1
	for range 10 {
		killSaving(t, d, time.Duration(rand.IntN(60_000))*time.Microsecond)
		ck, warnings, err := d.Latest()
		if err != nil || len(warnings) > 0 {
			t.Fatalf("latest %v, warnings %v, error %v", ck, warnings, err)
		}
		latest(t, d, ck.Step)
		if ck.Step <= saved {
			t.Errorf("step %d after step %d", ck.Step, saved)
		}
		saved = ck.Step
		if best, _, err := d.Best(); err != nil || best.Step > ck.Step {
			t.Errorf("best %v, error %v", best, err)
		}
	}
	t.Logf("%d checkpoints saved by 10 processes", saved+1)
}

// killSaving starts this test program as the saving process and kills it a
// while after it has saved its first checkpoint.
func killSaving(t *testing.T, d *Dir, after time.Duration) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^TestSavingProcess$", "-test.v")
	cmd.Env = append(os.Environ(), savingDir+"="+d.Path())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "saving" {
	}
	if _, err := d.Lock(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("is being trained by process %d;", cmd.Process.Pid)) {
		t.Errorf("lock beside the other process: error %v", err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

// TestSavingProcess is the process that TestKill kills.
func TestSavingProcess(t *testing.T) {
	path := os.Getenv(savingDir)
	if path == "" {
		t.Skip("skipped: only TestKill runs it")
	}
	d, err := OpenDir(".", path)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	step := 0
	if ck, _, err := d.Latest(); err == nil {
		step = ck.Step + 1
	}
	for first := true; ; step++ {
		if err := d.SaveCheckpoint(step, contents(step)); err != nil {
			t.Fatal(err)
		}
		if err := d.MarkBest(step / 3 * 3); err != nil && step%3 == 0 {
			t.Fatal(err)
		}
		if first {
			fmt.Println("saving")
			first = false
		}
	}
}

// contents writes a checkpoint that depends on the step alone.
func contents(step int) func(*durable.Files) error {
	return func(to *durable.Files) error {
		return errors.Join(
			to.WriteFile("state.json", fmt.Appendf(nil, `{"step":%d}`, step)),
			to.WriteFile("weights.safetensors", weightsOf(step)))
	}
}

func weightsOf(step int) []byte {
	sum := sha256.Sum256(fmt.Append(nil, step))
	return bytes.Repeat(sum[:], 4096)
}

// latest checks that the newest checkpoint is that of a step, byte for byte.
func latest(t *testing.T, d *Dir, step int) {
	t.Helper()
	ck, warnings, err := d.Latest()
	if err != nil || ck.Step != step || len(warnings) > 0 {
		t.Fatalf("latest %v, warnings %v, error %v, want step %d", ck, warnings, err, step)
	}
	if data, err := os.ReadFile(filepath.Join(ck.Path, "weights.safetensors")); err != nil || !bytes.Equal(data, weightsOf(step)) {
		t.Errorf("step %d has other weights, error %v", step, err)
	}
}

// flip flips one bit in the middle of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
