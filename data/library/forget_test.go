package library

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"atelier/data/store"
)

func TestForget(t *testing.T) {
	l := newLibrary(t)
	if _, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), ""); err != nil {
		t.Fatal(err)
	}
	f, err := l.Forget(t.Context(), "n", &Selection{Origins: []string{"001*"}})
	if err != nil {
		t.Fatal(err)
	}
	if f.Items != 4 || len(f.Had) != 1 || len(f.Digests) != 4 {
		t.Errorf("forgot %d Items, %d digests, in %v", f.Items, len(f.Digests), f.Had)
	}
	if got := strings.Join(names(t, f.Version), " "); strings.Contains(got, "001") {
		t.Errorf("still there: %s", got)
	}
}

// forgetting makes the dataset n of some numbers, and forgets and erases those from 10 on.
func forgetting(t *testing.T, l *Library) (before, after *store.Version, f *Forgotten) {
	t.Helper()
	before, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	f, err = l.Forget(t.Context(), "n", &Selection{Origins: []string{"001*"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Erase(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return before, f.Version, f
}

// TestForgottenStaysOut collects forgotten Items again, alone and with new ones, until they are
// readmitted.
func TestForgottenStaysOut(t *testing.T) {
	l := newLibrary(t)
	var told []string
	l.Notice = func(s string) { told = append(told, s) }
	before, after, f := forgetting(t, l)
	again, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "")
	if err != nil || again.Ref() != after.Ref() {
		t.Fatalf("%v, %v", again, err)
	}
	if !slices.Contains(told, "nothing new: n@2 has all of it already, but for 8 Items that are forgotten and 2 that the source dropped") {
		t.Errorf("told %q", told)
	}
	more, err := l.Add(t.Context(), "n", source(&numbers{0, 24, 0}), pipeline(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(t, more), " "); strings.Contains(got, "001") || !strings.Contains(got, "0020") {
		t.Errorf("has %s", got)
	}
	if d := more.Manifest().Sources[1].Dropped; d["forgotten"] != 8 || d["unreadable"] != 2 {
		t.Errorf("the source dropped %v", d)
	}
	for d, err := range more.Drops(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Drop == forgotten && (d.Name != "" || len(d.Bytes) > 0) {
			t.Errorf("%q of what is forgotten is kept", d.Name)
		}
	}
	if _, err := l.Store.Search(t.Context(), f.Digests); err != nil {
		t.Error(err)
	}

	if _, err := l.Readmit(t.Context(), "n", []string{"00000000"}); err == nil {
		t.Error("what is not forgotten is let in")
	}
	var all []string
	for _, sum := range f.Digests {
		all = append(all, hex.EncodeToString(sum[:4]))
	}
	if n, err := l.Readmit(t.Context(), "n", all); err != nil || n != 4 {
		t.Errorf("%d are let in: %v", n, err)
	}
	back, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), "")
	if err != nil || len(names(t, back)) != len(names(t, more))+len(f.Digests) {
		t.Errorf("%v of %v came back: %v", names(t, back), names(t, before), err)
	}
}

// TestForgetOfOlderVersions checks that no version is made if the newest has none of the Items.
func TestForgetOfOlderVersions(t *testing.T) {
	l := newLibrary(t)
	if _, err := l.Add(t.Context(), "n", source(&numbers{0, 20, 0}), pipeline(), ""); err != nil {
		t.Fatal(err)
	}
	s := &Selection{Origins: []string{"001*"}}
	f, err := l.Forget(t.Context(), "n", s)
	if err != nil || f.Items != 4 {
		t.Fatal(f, err)
	}
	f, err = l.Forget(t.Context(), "n", s)
	if err != nil || f.Items != 0 || f.Version.Ref() != "n@2" || len(f.Had) != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	if _, err := l.Erase(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if v, err := l.Store.Versions(t.Context(), "n"); err != nil || len(v) != 2 {
		t.Errorf("there are %v, %v", v, err)
	}
	v, err := l.Store.Version(t.Context(), "n@1")
	if err != nil || len(v.Manifest().Erased) != 4 {
		t.Errorf("%v, %v", v, err)
	}
	// Items in no version can still be searched for.
	f, err = l.Forget(t.Context(), "n", &Selection{Hashes: []string{hex.EncodeToString(f.Digests[0][:])}})
	if err != nil || len(f.Digests) != 1 || len(f.Had) != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestEraseLeavesWorkAlone erases beside a running and an interrupted job.
func TestEraseLeavesWorkAlone(t *testing.T) {
	l := newLibrary(t)
	var dirs [2]string
	for i, key := range []string{"busy", "left"} {
		dir, err := l.jobFolder("other", key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "spool"), []byte("collected"), 0o666); err != nil {
			t.Fatal(err)
		}
		dirs[i] = dir
	}
	lock := flock.New(jobLock(dirs[0]))
	if held, err := lock.TryLock(); !held || err != nil {
		t.Fatal(held, err)
	}
	defer lock.Close()
	forgetting(t, l)
	for i, want := range []bool{true, false} {
		if _, err := os.Stat(filepath.Join(dirs[i], "spool")); (err == nil) != want {
			t.Errorf("%s: %v", dirs[i], err)
		}
	}
}

// TestForgetAnother checks that a selection does not resume another, interrupted one.
func TestForgetAnother(t *testing.T) {
	a, b := &Selection{Origins: []string{"a*"}}, &Selection{Origins: []string{"b*"}}
	if a.digest() == b.digest() || a.digest() != (&Selection{Origins: []string{"a*"}}).digest() {
		t.Error("a digest does not distinguish selections")
	}
}
