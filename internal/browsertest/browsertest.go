// Package browsertest runs scripts of Playwright in Chromium, for tests of pages.
package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// most is how long the browser may take on a busy machine.
const most = 20 * time.Minute

// Folder is the folder with the packages of npm that scripts import, from the environment of the
// test, which hands it on: a package below cmd does not read it itself.
type Folder string

// Run runs a script of the folder testdata with the path of Chromium and further arguments, and
// calls told with each line that it prints. The test is skipped where Chromium or the folder is
// missing, and fails if the script does.
func Run(t *testing.T, modules Folder, told func(line string), script string, args ...string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil || modules == "" {
		t.Skip("skipped: want Debian's chromium, and ATELIER_PLAYWRIGHT, a folder with playwright-core, @axe-core/playwright and iwer of npm")
	}
	text, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(string(modules), "atelier-"+script) // where its imports are found
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), most)
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
