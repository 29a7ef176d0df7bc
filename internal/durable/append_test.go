package durable

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(appendTwice); path != "" {
		for i := range appended {
			if err := AppendLine(path, fmt.Appendf(nil, "%d %d", os.Getpid(), i)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// appendTwice names the file that a process of TestAppendLineOfProcesses appends to,
// appended is how many lines.
const (
	appendTwice = "ATELIER_TEST_APPEND"
	appended    = 20
)

// Several processes append at once: not before the lock is free, and none loses a line.
func TestAppendLineOfProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	lock := flock.New(filepath.Join(filepath.Dir(path), ".lines.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	var all []*exec.Cmd
	var want []string
	for range 4 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), appendTwice+"="+path)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		for i := range appended {
			want = append(want, fmt.Sprintf("%d %d", c.Process.Pid, i))
		}
	}
	if exists(path) {
		t.Error("a process wrote without the lock")
	}
	lock.Close()
	for _, c := range all {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n")
	if slices.Sort(got); !slices.Equal(got, sorted(want)) {
		t.Errorf("%d lines are there, %d were written", len(got), len(want))
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A line that was cut short stays one of its own.
func TestAppendLineAfterATornOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	for before, want := range map[string]string{
		"": "new\n", "old\n": "old\nnew\n", "old\nto": "old\nto\nnew\n", "to": "to\nnew\n",
	} {
		if err := os.WriteFile(path, []byte(before), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := AppendLine(path, []byte("new")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != want {
			t.Errorf("after %q there is %q, want %q", before, got, want)
		}
	}
}

// What cannot be written leaves the file as it was.
func TestAppendLineFails(t *testing.T) {
	dir := t.TempDir()
	if err := AppendLine(dir, []byte("x")); err == nil || !strings.Contains(err.Error(), "cannot write "+dir) {
		t.Error(err)
	}
	path := filepath.Join(dir, "lines")
	if err := os.WriteFile(path, []byte("old\nto"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path) // which is not open for writing
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := appendTo(f, []byte("x")); err == nil || read(t, path) != "old\nto" {
		t.Errorf("error %v, left %q", err, read(t, path))
	}
}
