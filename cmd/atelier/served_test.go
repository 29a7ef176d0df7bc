package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"atelier/jobs"
	"atelier/server"
)

// A served studio is a process of the tests.
type served struct {
	*testing.T
	cmd        *exec.Cmd
	home       string
	url, token string
	link       string // with the one-time code
}

// serveOn starts a studio on a home, and waits until it is ready.
func serveOn(t *testing.T, home string, flags ...string) *served {
	t.Helper()
	os.Remove(filepath.Join(home, "studio.json")) // of one that was killed
	s := &served{T: t, home: home, cmd: exec.Command("atelier", append([]string{"studio", "--home", home, "--runs", filepath.Join(home, "runs"), "--listen", "127.0.0.1:0", "--quiet"}, flags...)...)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill(); s.cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if link, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			s.link = link
			break
		}
	}
	h, err := server.HolderOf(home)
	if err != nil {
		t.Fatal(err)
	}
	s.url = h.URL
	if s.token, err = server.OwnerToken(home); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request, and reads the JSON of the answer.
func (s *served) ask(method, path string, body, into any) {
	s.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	b, _ := io.ReadAll(a.Body)
	if a.StatusCode >= 300 {
		s.Fatalf("%s %s: %s", method, path, b)
	}
	if into != nil && json.Unmarshal(b, into) != nil {
		s.Fatalf("%s %s: %s", method, path, b)
	}
}

// until waits until a job is as it should be.
func (s *served) until(id int64, is func(jobs.Job) bool) jobs.Job {
	s.Helper()
	for began := time.Now(); time.Since(began) < 5*time.Minute; time.Sleep(20 * time.Millisecond) {
		var j jobs.Job
		if s.ask("GET", fmt.Sprintf("/jobs/%d", id), nil, &j); is(j) {
			return j
		}
	}
	s.Fatal("the job does not get there")
	return jobs.Job{}
}

var tinyTraining = []string{"steps=40", "save=5", "pictures=20", "batch=2", "limit=200", "score.metrics=[]", "score.every=0", "stop.patience=0",
	"model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]"}

// weights are those of the last checkpoint of a run.
func weightsOf(t *testing.T, runs string) []byte {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(runs, "0001-fashion", "checkpoint", "*40", "*.safetensors"))
	if len(files) == 0 {
		t.Fatal("no weights in ", runs)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A training whose studio is killed goes on by itself when the studio is started again, and has
// the bytes of one that nobody disturbed. A second studio on the home is told where the first is.
func TestStudioKilled(t *testing.T) {
	alone := t.TempDir()
	if out, err := exec.Command("atelier", append([]string{"train", "fashion", "--runs", alone}, tinyTraining...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	home := t.TempDir()
	s := serveOn(t, home)
	second := exec.Command("atelier", "studio", "--home", home, "--listen", "127.0.0.1:0")
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), s.url) {
		t.Errorf("%v: %s", err, out)
	}
	var j jobs.Job
	s.ask("POST", "/apps/train", map[string]any{"recipe": "fashion", "settings": tinyTraining}, &j)
	for range 2 {
		at := 0
		s.until(j.ID, func(j jobs.Job) bool {
			if j.State == jobs.Failed {
				t.Fatal(j.Problem)
			}
			if j.Progress == nil || j.Progress.Total != 40 {
				return false
			}
			if at == 0 {
				at = j.Progress.Done
			}
			return j.Progress.Done >= min(at+6, 38)
		})
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s = serveOn(t, home)
	}
	j = s.until(j.ID, func(j jobs.Job) bool { return j.State.Final() })
	if j.State != jobs.Done || j.Run != "0001-fashion" || len(j.Found) == 0 {
		t.Fatalf("%+v %+v", j, j.Problem)
	}
	if entries, _ := filepath.Glob(filepath.Join(home, "runs", "0*")); len(entries) != 1 {
		t.Error("there are other runs:", entries)
	}
	filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
		if info, wrong := os.Lstat(path); err != nil || wrong != nil || path != home && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			t.Error("others can read", path, err, wrong)
		}
		return nil
	})
	if !bytes.Equal(weightsOf(t, filepath.Join(home, "runs")), weightsOf(t, alone)) {
		t.Error("the weights are others than those of a training that nobody disturbed")
	}
	s.stops()
}

// stops interrupts the studio, which ends without an error.
func (s *served) stops() {
	s.Helper()
	s.cmd.Process.Signal(os.Interrupt)
	err := s.cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		s.Errorf("it ended with %v", err)
	}
}

// A studio that is stopped while it trains saves and puts the training back; tokens are made
// beside it, and the link lets a browser in.
func TestStudioStopped(t *testing.T) {
	home := t.TempDir()
	s := serveOn(t, home)
	var j jobs.Job
	s.ask("POST", "/apps/train", map[string]any{"recipe": "fashion", "settings": append(tinyTraining, "steps=100000")}, &j)
	s.until(j.ID, func(j jobs.Job) bool { return j.Progress != nil && j.Progress.Total == 100000 && j.Progress.Done > 3 })
	s.stops()
	s = serveOn(t, home)
	s.until(j.ID, func(j jobs.Job) bool {
		return j.State == jobs.Running && j.Progress != nil && j.Progress.Total == 100000
	})
	s.ask("POST", "/runs/0001-fashion/stop", nil, &j)
	if j.State != jobs.Cancelled {
		t.Errorf("%+v", j)
	}
	out, err := exec.Command("atelier", "studio", "token", "add", "laptop", "--scope", "read", "--home", home).Output()
	if err != nil {
		t.Fatal(err)
	}
	owner := s.token
	s.token = strings.TrimSpace(string(out))
	var jobsThere server.JobPage
	if s.ask("GET", "/jobs", nil, &jobsThere); len(jobsThere.Jobs) != 1 {
		t.Errorf("%+v", jobsThere)
	}
	s.token = owner
	link, err := exec.Command("atelier", "studio", "link", "--home", home).Output()
	for _, at := range []string{s.link, strings.TrimSpace(string(link))} {
		url, code, ok := strings.Cut(at, "/#code=")
		a, sent := http.Post(url+"/api/v1/session", "application/json", strings.NewReader(`{"code":"`+code+`"}`))
		if err != nil || sent != nil || !ok || a.StatusCode != 201 {
			t.Fatal(at, err, sent)
		}
		a.Body.Close()
	}
	s.stops()
}

// The examples of the documentation do what they say, in the languages that this machine has.
func TestServerDocument(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "server.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := serveOn(t, t.TempDir())
	for _, c := range []struct {
		language string
		command  []string
		file     string
		says     []string
	}{
		{"sh", []string{"sh", "-e"}, "example.sh", []string{`"name":"story.txt"`, "Once upon a time", `"app":"summarize"`, "event: output", "event: end"}},
		{"python", []string{"python3"}, "example.py", []string{"done ['stories260k"}},
		{"js", []string{"node"}, "example.mjs", []string{"event: output", "event: end"}},
		{"go", []string{"go", "run"}, "example.go", []string{"201 Created", `"state":"done"`}},
	} {
		_, rest, found := strings.Cut(string(page), "```"+c.language+"\n")
		text, _, ends := strings.Cut(rest, "```")
		if !found || !ends {
			t.Fatal("there is no example in ", c.language)
		}
		if _, err := exec.LookPath(c.command[0]); err != nil {
			t.Logf("this machine has no %s", c.command[0])
			continue
		}
		file := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(c.command[0], append(c.command[1:], file)...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "STUDIO="+s.url, "TOKEN="+s.token)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", c.language, err, out)
		}
		for _, says := range c.says {
			if !strings.Contains(string(out), says) {
				t.Errorf("%s does not say %q: %s", c.language, says, out)
			}
		}
	}
}
