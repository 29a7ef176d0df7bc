package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"atelier/jobs"
)

// A conversation that is deleted on the command line takes the jobs of the studio with it, whether that
// runs or not: nothing below the home says what was said.
func TestConversationDeleted(t *testing.T) {
	const secret = "wintergreen"
	home := t.TempDir()
	say := func(s *served, name string) {
		t.Helper()
		var j jobs.Job
		s.ask("POST", "/apps/chat", map[string]any{"conversation": name, "message": "What is " + secret + "?"}, &j)
		s.until(j.ID, func(j jobs.Job) bool { return j.State == jobs.Done })
	}
	remove := func(name string) {
		t.Helper()
		if out, err := exec.Command("atelier", "conversations", "delete", name, "--home", home).CombinedOutput(); err != nil || !strings.Contains(string(out), "deleted "+name) {
			t.Fatalf("%v: %s", err, out)
		}
	}
	s := serveOn(t, home)
	say(s, "one")
	say(s, "two")
	remove("one")
	var page struct{ Jobs []jobs.Job }
	if s.ask("GET", "/jobs", nil, &page); len(page.Jobs) != 1 || page.Jobs[0].ID != 2 {
		t.Errorf("%+v", page.Jobs)
	}
	s.cmd.Process.Signal(os.Interrupt)
	if err := s.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	remove("two")
	err := filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s says what was said", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
