package page

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mostBrowsing is how long the browser may take on a busy machine.
const mostBrowsing = 8 * time.Minute

// browser runs a script of Playwright in Chromium, and calls told with each line that it prints;
// both are looked for, and the test is skipped where one is missing.
func browser(t *testing.T, told func(line string), script string, args ...string) {
	t.Helper()
	modules := os.Getenv("ATELIER_PLAYWRIGHT")
	chromium, err := exec.LookPath("chromium")
	if err != nil || modules == "" {
		t.Skip("skipped: want Debian's chromium, and ATELIER_PLAYWRIGHT, a folder with playwright-core and @axe-core/playwright of npm")
	}
	text, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(modules, "atelier-"+script) // where its imports are found
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), mostBrowsing)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{copied, chromium}, args...)...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		t.Log(lines.Text())
		told(lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v: %s", script, err, &failed)
	}
}

func ignored(string) {}

// A person drops a folder, trains, watches, makes, paints, compares and talks; the studio is
// stopped and started meanwhile.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a browser takes a minute")
	}
	home, folder := t.TempDir(), filepath.Join(t.TempDir(), "shapes")
	drawn(t, folder, 24)
	s := startOn(t, home, "127.0.0.1:0")
	browser(t, ignored, "browser.mjs", s.url+"/#code="+s.code, folder)
}

// A page that watches a training goes on by itself when the studio was stopped and started.
func TestRestart(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a browser takes a minute")
	}
	home := t.TempDir()
	s := startOn(t, home, "127.0.0.1:0")
	settings, err := json.Marshal(append([]string{"steps=1000000", "pictures=100000", "save=5"}, tiny[3:]...))
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(s.url, "http://")
	browser(t, func(line string) {
		switch line {
		case "stop the studio":
			s.stop()
		case "start the studio":
			s = startOn(t, home, address)
		}
	}, "restart.mjs", s.url+"/#code="+s.code, string(settings))
}

// The script that takes the pictures of docs/page.md still does.
func TestScreens(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a browser takes a minute")
	}
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	settings, err := json.Marshal(tiny)
	if err != nil {
		t.Fatal(err)
	}
	browser(t, ignored, "screens.mjs", s.url+"/#code="+s.code, t.TempDir(), filepath.Join("..", "bench", "photos", "autumn-hills.jpg"), string(settings))
}
