package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"atelier/app"
	"atelier/jobs"
	"atelier/model/run"
)

// manyRuns is a home with copies of the shared run, an hour old.
func manyRuns(t testing.TB, n int) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(t.TempDir(), "runs")
	for i := range n {
		if err := os.CopyFS(filepath.Join(runs, fmt.Sprintf("%04d-clothes", i+1)), os.DirFS(filepath.Join(s.Runs, "0001-clothes"))); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour) // files as new as the list are read again
	if err := filepath.WalkDir(runs, func(path string, _ fs.DirEntry, err error) error { return errors.Join(err, os.Chtimes(path, old, old)) }); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(runs)
}

// The list of the runs follows what happens to their files, and reads those that stayed the same once.
func TestSummariesAgain(t *testing.T) {
	s := startOn(t, manyRuns(t, 3))
	list := func() []app.Summary {
		t.Helper()
		var page RunPage
		s.want(200, sent{method: "GET", path: "/runs"}, &page)
		return page.Runs
	}
	if all := list(); len(all) != 3 || all[1].State != app.Done {
		t.Fatalf("%+v", all)
	}
	first, second := s.known.known["0001-clothes"].dir, s.known.known["0002-clothes"].dir
	config := filepath.Join(second.Path(), "run.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append(text, "\n# seen\n"...), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.runs(), "0003-clothes")); err != nil {
		t.Fatal(err)
	}
	if all := list(); len(all) != 2 {
		t.Errorf("%+v", all)
	}
	if s.known.known["0001-clothes"].dir != first || s.known.known["0002-clothes"].dir == second {
		t.Error("what is the same was read again, or what is not was not")
	}
}

// BenchmarkSummaries is the list of 1,000 runs that nothing happened to.
func BenchmarkSummaries(b *testing.B) {
	s := Server{}
	s.config.Workshop = &jobs.Workshop{Studio: &run.Studio{Runs: filepath.Join(manyRuns(b, 1000), "runs")}}
	if _, _, err := s.summaries(""); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if all, _, err := s.summaries(""); err != nil || len(all) != 1000 {
			b.Fatal(len(all), err)
		}
	}
}
