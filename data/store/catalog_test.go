package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atelier/data"
)

func TestCatalog(t *testing.T) {
	ctx := context.Background()
	home := t.TempDir()
	rows := []Row{{Item: item("a", "text/plain", "hello", ""), Split: data.Train}, {Item: item("b", "text/plain", "you", ""), Split: data.Test}}
	v := written(t, home, rows, nil)
	s, _ := Open(home)
	want := []Entry{{Name: "set", Version: 1, Hash: v.Hash(), Items: 2, Bytes: 8, Made: v.manifest.Made}}
	list := func(when string) {
		t.Helper()
		got, damaged, err := s.List(ctx)
		if d := cmp.Diff(want, got); err != nil || d != "" || len(damaged) > 0 {
			t.Errorf("%s: %v %v %s", when, err, damaged, d)
		}
	}
	list("new")
	list("known")

	run := TrainedRun{Path: filepath.Join(home, "runs", "1"), Ref: v.Ref(), Hash: v.Hash(), At: time.Unix(100, 0).UTC()}
	if err := s.RecordRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	trained := func(when string) {
		t.Helper()
		got, err := s.Runs(ctx, v.Hash())
		if d := cmp.Diff([]TrainedRun{run}, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", when, err, d)
		}
	}
	trained("recorded")

	written(t, home, rows[:1], nil)
	if err := s.Remove(ctx, "set@1"); err != nil {
		t.Fatal(err)
	}
	w, _ := s.Version(ctx, "set")
	want = []Entry{{Name: "set", Version: 2, Hash: w.Hash(), Items: 1, Bytes: 5, Made: w.manifest.Made}}
	list("the folders changed")
	if _, err := s.Reindex(ctx, nil); err != nil {
		t.Fatal(err)
	}
	list("rebuilt")
	trained("rebuilt")

	if err := os.WriteFile(filepath.Join(home, catalogName), []byte("this is no database, but it is long enough to be one"), 0o666); err != nil {
		t.Fatal(err)
	}
	list("damaged")
	if _, err := s.Runs(ctx, v.Hash()); err == nil {
		t.Error("a damaged catalog knows of no runs, and says nothing")
	}
	if err := os.Chmod(filepath.Join(home, catalogName), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reindex(ctx, []TrainedRun{run}); err != nil {
		t.Fatal(err)
	}
	trained("rebuilt after damage")
	if info, err := os.Stat(filepath.Join(home, catalogName)); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Error("a catalog that nobody else could read is", info.Mode(), err)
	}
}

// A run that is recorded during a rebuild stays in the catalog.
func TestReindexBesideTraining(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const runs = 40
	recorded := make(chan error)
	go func() {
		defer close(recorded)
		for i := range runs {
			r := TrainedRun{Path: filepath.Join(s.home, fmt.Sprint(i)), Ref: "set@1", Hash: "h", At: time.Unix(100, 0)}
			if err := s.RecordRun(t.Context(), r); err != nil {
				recorded <- err
			}
		}
	}()
	for done := false; !done; {
		select {
		case err, more := <-recorded:
			if done = !more; more {
				t.Error(err)
			}
		default:
			if _, err := s.Reindex(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
	}
	if got, err := s.Runs(t.Context(), "h"); err != nil || len(got) != runs {
		t.Errorf("%d of %d runs are left, error %v", len(got), runs, err)
	}
}
