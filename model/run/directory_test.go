package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

func TestOpenDir(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	for i, name := range []string{"fashion", "emoji", "fashion", "my own file.toml", "../../escape", "数字"} {
		d, err := CreateDir(root, name, empty)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"0001-fashion", "0002-emoji", "0003-fashion", "0004-my-own-file.toml", "0005-escape", "0006-数字"}[i]
		if d.Name() != want || d.Path() != filepath.Join(root, want) || d.Created().IsZero() {
			t.Errorf("made %s of %v, want %s", d.Path(), d.Created(), want)
		}
	}
	for which, want := range map[string]string{
		"1": "0001-fashion", "0001": "0001-fashion", "0001-fashion": "0001-fashion",
		"fashion": "0003-fashion", "emoji": "0002-emoji", "数字": "0006-数字",
		filepath.Join(root, "0002-emoji") + "/": "0002-emoji",
	} {
		d, err := OpenDir(root, which)
		if err != nil || d.Name() != want {
			t.Errorf("%q: %v, error %v, want %s", which, d, err, want)
		}
	}
	for which, want := range map[string]string{
		"fashon":      `no run "fashon" in ROOT; did you mean "fashion"? there are emoji, escape, fashion,`,
		"7":           `no run "7" in ROOT; there are 0001-fashion, 0002-emoji,`,
		"0001-fashon": `no run "0001-fashon" in ROOT; did you mean "0001-fashion"?`,
		"":            `no run "" in ROOT`,
		root:          `ROOT is no run: it has no run.json`,
	} {
		_, err := OpenDir(root, which)
		if want = strings.ReplaceAll(want, "ROOT", root); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", which, err, want)
		}
	}
	_, err := OpenDir(filepath.Join(root, "none"), "fashion")
	if err == nil || !strings.Contains(err.Error(), "none yet; train one with: atelier train fashion") {
		t.Errorf("no runs: error %v", err)
	}
}

func TestCreateDirAtOnce(t *testing.T) {
	root := t.TempDir()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if _, err := CreateDir(root, fmt.Sprint("run", i), empty); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all, err := List(root)
	if err != nil || len(all) != 8 {
		t.Fatalf("%d runs, error %v", len(all), err)
	}
	for i, d := range all {
		if d.number != i+1 {
			t.Errorf("run %d has number %d", i+1, d.number)
		}
	}
}

func TestOpenDirOtherFormat(t *testing.T) {
	d := newDir(t)
	for text, want := range map[string]string{
		`{"format":2}`: "has format 2; this version of atelier reads formats up to 1: use a newer one",
		`{}`:           "is damaged",
		`{"form`:       "is damaged",
	} {
		if err := os.WriteFile(d.Path(dirFile), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenDir(".", d.Path()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestCreateDirReadOnly(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	if err := os.Mkdir(root, 0o555); err != nil {
		t.Fatal(err)
	}
	if probe, err := os.Create(filepath.Join(root, "probe")); err == nil {
		probe.Close()
		t.Skip("skipped: this user or system may write into a read-only folder")
	}
	_, err := CreateDir(root, "fashion", empty)
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "read-only; make it writable") {
		t.Errorf("error %v", err)
	}
}

func TestLock(t *testing.T) {
	d := newDir(t)
	if d.Training() {
		t.Error("training before the first lock")
	}
	leftover := d.Path(checkpoints, ".step-0000001.new-12345678")
	if err := os.MkdirAll(leftover, 0o777); err != nil {
		t.Fatal(err)
	}
	lock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Error("a leftover folder is still there")
	}
	want := fmt.Sprintf("run 0001-test is being trained by process %d; wait until it has ended, stop it, or train a new run", os.Getpid())
	if _, err := d.Lock(); err == nil || err.Error() != want || !d.Training() {
		t.Errorf("second lock: error %v, want %s", err, want)
	}
	if err := lock.Release(); err != nil || d.Training() {
		t.Errorf("released: error %v, training %v", err, d.Training())
	}
	again, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
}

// A process that only asks whether the run is trained is no reason not to get it.
func TestLockBesideOneThatAsks(t *testing.T) {
	d := newDir(t)
	asking := flock.New(d.Path(lockFile))
	if shared, err := asking.TryRLock(); err != nil || !shared {
		t.Fatal(shared, err)
	}
	locked := make(chan error)
	go func() {
		lock, err := d.Lock()
		if err == nil {
			err = lock.Release()
		}
		locked <- err
	}()
	for range 1000 {
		runtime.Gosched()
	}
	if err := asking.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-locked; err != nil {
		t.Error(err)
	}
}

// empty fills the folder of a new run with nothing.
func empty(*Dir) error { return nil }

func newDir(t *testing.T) *Dir {
	t.Helper()
	d, err := CreateDir(t.TempDir(), "test", empty)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
