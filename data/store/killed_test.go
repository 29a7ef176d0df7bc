package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// writesForever starts a child process of this test that writes versions until it is killed.
const writesForever = "ATELIER_TEST_WRITES_FOREVER"

const rowsOfKilled = 3000

func TestMain(m *testing.M) {
	if home := os.Getenv(writesForever); home != "" {
		writeForever(home)
	}
	os.Exit(m.Run())
}

func writeForever(home string) {
	rows := manyRows(rowsOfKilled, 400)
	s, err := Open(home)
	for err == nil {
		var v *Version
		v, err = s.Write(context.Background(), &Manifest{Name: "set"}, func(w *Writer) error {
			for _, r := range rows {
				if err := w.Add(r); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil && v.manifest.Version%3 == 0 { // rewritten in place
			err = v.Erase(context.Background(), [][32]byte{newSum(rows[7].Bytes)})
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilled kills a writer repeatedly, at times spread over the duration of one version on this
// machine.
func TestKilled(t *testing.T) {
	home := t.TempDir()
	s, _ := Open(home)
	start := time.Now()
	writesFor(t, home, func() bool {
		versions, _ := s.Versions(t.Context(), "set")
		return len(versions) > 0
	})
	took := time.Since(start)
	checkLeft(t, s)
	for i := range 8 {
		end := time.Now().Add(took * time.Duration(2*i+1) / 10)
		writesFor(t, home, func() bool { return time.Now().After(end) })
		checkLeft(t, s)
	}
}

// writesFor lets a child process write versions until done returns true, and kills it.
func writesFor(t *testing.T, home string, done func() bool) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writesForever+"="+home)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !done() {
		select {
		case err := <-ended:
			t.Fatalf("the writer ended by itself: %v %s", err, said.String())
		case <-time.After(time.Millisecond):
		}
	}
	cmd.Process.Kill()
	if <-ended; said.Len() > 0 {
		t.Fatal(said.String())
	}
}

// checkLeft fails unless only complete versions are left.
func checkLeft(t *testing.T, s *Store) {
	unlock, err := s.lock(t.Context(), "set") // as the next one to write does
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	versions, err := s.Versions(t.Context(), "set")
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(s.folder("set"))
	if len(entries) != len(versions)+1 { // plus the lock
		t.Errorf("left %v", entries)
	}
	for _, n := range versions[max(0, len(versions)-2):] {
		v, err := s.Version(t.Context(), fmt.Sprintf("set@%d", n))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		if n := v.manifest.Counts.Splits; n["train"]+n["test"] < rowsOfKilled-1 {
			t.Errorf("%v rows", n)
		}
	}
}
