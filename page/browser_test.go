package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"atelier/internal/browsertest"
	"atelier/internal/conversation"
)

// browser runs a script of Playwright in Chromium, see [browsertest.Run].
func browser(t *testing.T, told func(line string), script string, args ...string) {
	t.Helper()
	browsertest.Run(t, browsertest.Folder(os.Getenv("ATELIER_PLAYWRIGHT")), told, script, args...)
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
	twin, err := os.ReadFile(filepath.Join(folder, "warm", "picture 00.png"))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "warm", "same.png"), twin, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
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

// Wide answers, branches, long seeds and names in Chinese are met as a person would want.
func TestEdgesInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a browser takes a minute")
	}
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	trained := s.done("train", map[string]any{"recipe": "fashion", "settings": tiny})
	in, err := conversation.In(s.home)
	if err != nil {
		t.Fatal(err)
	}
	talk, err := in.Open("wide")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 3000)
	row := strings.Repeat("| a wide cell ", 30) + "|\n"
	answer := long + "\n\n```\n" + long + "\n```\n\n" + row + strings.Repeat("|---", 30) + "|\n" + row
	if err := talk.Add(conversation.Exchange{Message: "Show " + long, Answer: answer}); err != nil {
		t.Fatal(err)
	}
	job := s.done("chat", map[string]any{"message": "How do I train? " + long[:600]})
	at := strconv.FormatInt(job.ID, 10)
	_, kept, err := s.srv.Queue().Output(t.Context(), job.ID, job.Outputs[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte(answer), 0o644); err != nil { // as a model might answer
		t.Fatal(err)
	}
	browser(t, ignored, "edges.mjs", s.url+"/#code="+s.code, trained.Run, at)
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
