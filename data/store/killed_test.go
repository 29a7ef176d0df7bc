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

// writesForever makes a child process of this test write versions there until it is killed.
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

func TestKilled(t *testing.T) {
	ctx := context.Background()
	home := t.TempDir()
	s, _ := Open(home)
	for i := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writesForever+"="+home)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(100+37*i) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		if said.Len() > 0 {
			t.Fatal(said.String())
		}
		unlock, err := s.lock("set") // as the next one to write does
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		versions, err := s.Versions("set")
		if err != nil {
			t.Fatal(err)
		}
		entries, _ := os.ReadDir(s.folder("set"))
		if len(entries) != len(versions)+1 { // and the lock
			t.Errorf("left %v", entries)
		}
		if len(versions) == 0 {
			continue
		}
		for _, n := range versions[max(0, len(versions)-2):] {
			v, err := s.Version(fmt.Sprintf("set@%d", n))
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(ctx); err != nil {
				t.Error(err)
			}
		}
	}
	if v, err := s.Version("set"); err != nil {
		t.Errorf("not one version in time: %v", err)
	} else if n := v.manifest.Counts.Splits; n["train"]+n["test"] < rowsOfKilled-1 {
		t.Errorf("%v rows", n)
	}
}
