package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atelier/app"
	"atelier/internal/provenance"
	"atelier/jobs"
	"atelier/recipes"
)

var story = map[string]any{"model": "stories260k", "prompt": "Once", "length": 8, "seed": 3}

// An app runs as a job, whose result has the bytes that the app makes elsewhere, and a label.
func TestApps(t *testing.T) {
	s := start(t)
	var apps []AppEntry
	s.want(200, sent{method: "GET", path: "/apps"}, &apps)
	if len(apps) != len(app.Apps.Names()) {
		t.Errorf("%d apps", len(apps))
	}
	j := s.done("generate", map[string]any{"run": "clothes", "n": 2, "seed": 7}, "?apart=true")
	if len(j.Outputs) != 2 {
		t.Fatalf("%+v", j)
	}
	a, picture := s.do(sent{method: "GET", path: "/results/1/" + j.Outputs[0].Name})
	label, err := provenance.Read(picture)
	if err != nil || label.Run != "0001-clothes" || a.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%+v %v %v", label, err, a.Header)
	}
	if all := s.done("generate", map[string]any{"run": "clothes", "n": 3, "as": "files"}, ""); len(all.Outputs) != 3 {
		t.Errorf("%+v", all.Outputs)
	}
	if one := s.done("generate", map[string]any{"run": "clothes", "n": 3, "as": "sheet"}, ""); len(one.Outputs) != 1 {
		t.Errorf("%+v", one.Outputs)
	}
	// the same again, by name, and through an upload
	again := s.done("generate", map[string]any{"run": "0001-clothes", "n": 1, "seed": 7}, "?apart=true")
	if again.Outputs[0] != j.Outputs[0] {
		t.Errorf("%+v is not %+v", again.Outputs[0], j.Outputs[0])
	}
	var p Provenance
	s.want(200, sent{method: "POST", path: "/provenance", body: picture}, &p)
	if !p.Labelled || !p.Here || p.Label.Run != "0001-clothes" {
		t.Errorf("%+v", p)
	}
	tag := a.Header.Get("ETag")
	if a, b := s.do(sent{method: "GET", path: "/results/1/" + j.Outputs[0].Name, head: map[string]string{"If-None-Match": tag}}); a.StatusCode != 304 || len(b) > 0 || tag == "" {
		t.Error(a.Status, tag)
	}
	if a, b := s.do(sent{method: "GET", path: "/results/1/" + j.Outputs[0].Name, head: map[string]string{"Range": "bytes=1-3"}}); a.StatusCode != 206 || string(b) != "PNG" {
		t.Errorf("%s %q", a.Status, b)
	}
	s.problem(404, sent{method: "GET", path: "/results/1/job.json"})
	s.problem(404, sent{method: "GET", path: "/results/1/..%2f..%2fstudio.token"})
	s.problem(404, sent{method: "GET", path: "/jobs/99"})
	s.problem(404, sent{method: "GET", path: "/jobs/x"})
	s.problem(404, sent{method: "POST", path: "/apps/nonsense", body: story})
	s.problem(404, sent{method: "GET", path: "/nonsense"})
	if p := s.problem(405, sent{method: "PUT", path: "/jobs"}); !strings.Contains(p.Detail, "GET") {
		t.Error(p.Detail)
	}
}

// What is wrong with a request is said before it becomes a job, by the field.
func TestWrongInputs(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		app    string
		inputs map[string]any
		field  string
		says   string
	}{
		{"generate", map[string]any{}, "run", "want a run"},
		{"generate", map[string]any{"run": "clothes", "nn": 1}, "nn", `did you mean "n"`},
		{"generate", map[string]any{"run": "clothes", "n": "3"}, "n", "it is a string; want a whole number"},
		{"generate", map[string]any{"run": "clothes", "n": -1}, "n", "want 1 to 100000"},
		{"generate", map[string]any{"run": "clothes", "n": 50_000}, "n", "4096"},
		{"generate", map[string]any{"run": "clothes", "as": "pile"}, "as", "files, sheet"},
		{"write", map[string]any{"length": 0.5}, "length", "want a whole number"},
		{"write", map[string]any{"seed": -1}, "seed", "want a whole number from 0 to 18446744073709551615"},
		{"chat", map[string]any{}, "message", "want a question"},
		{"chat", map[string]any{"message": "", "conversation": "new"}, "message", "want a question"},
		{"summarize", map[string]any{"document": "/etc/passwd"}, "document", "upload"},
		{"summarize", map[string]any{"document": map[string]any{"upload": "u1", "result": "1/a"}}, "document", "one of"},
		{"summarize", map[string]any{"document": map[string]any{"upload": "u123456789012345678901234"}}, "document", "no upload"},
		{"inspect", map[string]any{"piece": map[string]any{"bytes": []byte("text"), "name": "a.mid"}}, "piece", "MIDI"},
		{"train", map[string]any{}, "recipe", "want a recipe"},
		{"train", map[string]any{"recipe": "fashon"}, "recipe", `did you mean "fashion"`},
		{"train", map[string]any{"recipe": "fashion", "settings": []string{"step=3"}}, "settings", `did you mean "steps"`},
		{"data-add", map[string]any{}, "name", "want"},
	} {
		p := s.problem(422, sent{method: "POST", path: "/apps/" + c.app, body: c.inputs})
		if p.Field != c.field || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %v: %+v", c.app, c.inputs, p)
		}
	}
	for _, body := range []string{"[]", "{", `{"run":"clothes"} x`, `{"run":"clothes","run":"2"}`, "nonsense"} {
		a, b := s.do(sent{method: "POST", path: "/apps/generate", body: []byte(body), head: map[string]string{"Content-Type": "application/json"}})
		if a.StatusCode != 422 {
			t.Errorf("%s: %d %s", body, a.StatusCode, b)
		}
	}
	s.problem(415, sent{method: "POST", path: "/apps/generate", body: []byte("run=clothes"), head: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}})
	if p := s.problem(422, sent{method: "POST", path: "/apps/write?priority=1000", body: story}); p.Field != "priority" {
		t.Errorf("%+v", p)
	}
	for name, want := range map[string]string{"state": "want one of queued, running, done, failed, cancelled, got", "kind": "want one of app, train, evaluate, collect, got"} {
		if p := s.problem(422, sent{method: "GET", path: "/jobs?" + name + "=foo"}); p.Field != name || !strings.Contains(p.Detail, want) {
			t.Errorf("%+v", p)
		}
	}
	if p := s.problem(422, sent{method: "GET", path: "/jobs?stat=done"}); p.Field != "stat" {
		t.Errorf("%+v", p)
	}
	if s.queue.Waiting()+s.queue.Busy() > 0 {
		t.Error("a wrong request became a job")
	}
}

// A token that is not an admin's names nothing of the machine.
func TestNoPaths(t *testing.T) {
	shares := t.TempDir()
	os.WriteFile(filepath.Join(shares, "note.txt"), []byte("All is well. The sun shines. It is warm."), 0o666)
	os.Symlink("/etc", filepath.Join(shares, "out"))
	s := start(t, func(c *Config) { c.Shares = map[string]string{"docs": shares} })
	may := s.tokenOf(Make)
	folder, err := recipes.Read("pictures") // which learns from a folder
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(s.home, "secret.txt"), []byte("secret"), 0o666)
	for _, c := range []struct {
		app    string
		inputs map[string]any
		field  string
	}{
		{"generate", map[string]any{"run": filepath.Join(s.home, "runs", "0001-clothes")}, "run"},
		{"generate", map[string]any{"run": "../runs/0001-clothes"}, "run"},
		{"write", map[string]any{"model": "/etc/passwd"}, "model"},
		{"denoise", map[string]any{"picture": map[string]any{"name": "a.png", "bytes": folder}, "model": "/etc/passwd"}, "model"},
		{"stylize", map[string]any{"picture": map[string]any{"name": "a.png", "bytes": folder}, "model": "../networks"}, "model"},
		{"train", map[string]any{"works": s.home}, "works"},
		{"train", map[string]any{"recipe": "fashion", "settings": []string{`data={use="folder", path="/etc"}`}}, "settings"},
		{"train", map[string]any{"recipe": "pictures", "settings": []string{`data.path=/etc`}}, "settings"},
		{"train", map[string]any{"recipe": "fashion", "settings": []string{`init={use="run", name="/etc"}`}}, "settings"},
		{"train", map[string]any{"file": map[string]any{"name": "a.toml", "bytes": folder}}, "file"},
		{"evaluate", map[string]any{"works": s.home, "as": "fashion"}, "works"},
		{"evaluate", map[string]any{"run": "clothes", "as": "/etc"}, "as"},
		{"data-add", map[string]any{"name": "a", "sources": []string{"/etc"}}, "sources"},
		{"data-add", map[string]any{"name": "a", "sources": []string{`{use="folder", path="/etc"}`}}, "sources"},
		{"data-add", map[string]any{"name": "a", "sources": []string{"https://example.org/"}}, "sources"},
		{"chat", map[string]any{"documents": "/etc", "message": "who?"}, "documents"},
		{"summarize", map[string]any{"document": map[string]any{"share": "docs/../secret.txt"}}, "document"},
		{"summarize", map[string]any{"document": map[string]any{"share": "docs/out/passwd"}}, "document"},
		{"summarize", map[string]any{"document": map[string]any{"share": "etc/passwd"}}, "document"},
		{"summarize", map[string]any{"document": map[string]any{"result": "1/../../studio.token"}}, "document"},
	} {
		a, b := s.do(sent{method: "POST", path: "/apps/" + c.app, body: c.inputs, token: may})
		var p Problem
		json.Unmarshal(b, &p)
		if a.StatusCode != 422 || p.Field != c.field {
			t.Errorf("%s %v: %d %s", c.app, c.inputs, a.StatusCode, b)
		}
	}
	if a, b := s.do(sent{method: "POST", path: "/apps/write", body: []byte("{\"prompt\":\"\xff\"}"), token: may, head: map[string]string{"Content-Type": "application/json"}}); a.StatusCode != 400 || !bytes.Contains(b, []byte("UTF-8")) {
		t.Errorf("a body that is not UTF-8: %d %s", a.StatusCode, b)
	}
	var j jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/summarize", token: may, body: map[string]any{"document": map[string]any{"share": "docs/note.txt"}}, head: map[string]string{"Prefer": "wait=30"}}, &j)
	if j.State != jobs.Done {
		t.Errorf("%+v %+v", j, j.Problem)
	}
}

// The same key makes one job, another request with it none. Once the job is deleted for good, so is its
// key, and the request makes another one.
func TestIdempotency(t *testing.T) {
	s := start(t)
	head := map[string]string{"Idempotency-Key": "k1", "Prefer": "wait=30"}
	var a, b jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, head: head}, &a)
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, head: head}, &b)
	if a.ID != b.ID {
		t.Errorf("jobs %d and %d", a.ID, b.ID)
	}
	if p := s.problem(422, sent{method: "POST", path: "/apps/write", body: map[string]any{"length": 9}, head: head}); p.Field != "Idempotency-Key" {
		t.Errorf("%+v", p)
	}
	s.want(200, sent{method: "DELETE", path: fmt.Sprintf("/jobs/%d", a.ID)}, nil)
	if s.want(201, sent{method: "POST", path: "/apps/write", body: story, head: head}, &b); a.ID != b.ID {
		t.Errorf("jobs %d, in the trash, and %d", a.ID, b.ID)
	}
	s.want(204, sent{method: "DELETE", path: fmt.Sprintf("/trash/job-%d", a.ID)}, nil)
	if s.want(201, sent{method: "POST", path: "/apps/write", body: story, head: head}, &b); b.ID <= a.ID || b.State != jobs.Done {
		t.Errorf("after job %d was deleted: %+v", a.ID, b)
	}
}

// Who follows a job, is cut off and comes back misses no event, and is told the end once.
func TestEvents(t *testing.T) {
	s := start(t)
	var j jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/write", body: map[string]any{"model": "stories260k", "prompt": "Once", "length": 200}}, &j)
	read := func(after string, most int) (ids, events []string, end bool) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", s.url+base+"/jobs/1/events", nil)
		r.Header.Set("Authorization", "Bearer "+s.token)
		if after != "" {
			r.Header.Set("Last-Event-ID", after)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		lines := bufio.NewScanner(a.Body)
		kind := ""
		for lines.Scan() && len(ids) < most {
			if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				ids = append(ids, id)
			}
			if word, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = word
				end = end || kind == "end"
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && kind != "progress" {
				events = append(events, kind+" "+data)
			}
		}
		return ids, events, end
	}
	first, _, _ := read("", 2)
	rest, _, end := read(first[len(first)-1], 1<<20)
	all, events, _ := read("", 1<<20)
	if got := append(first, rest...); !end || strings.Join(got, " ") != strings.Join(all, " ") {
		t.Errorf("%v, of %v; end %v", got, all, end)
	}
	text := ""
	for _, e := range events {
		var piece string
		if data, ok := strings.CutPrefix(e, "text "); ok && json.Unmarshal([]byte(data), &piece) == nil {
			text += piece
		}
	}
	s.want(200, sent{method: "GET", path: "/jobs/1"}, &j)
	if _, b := s.do(sent{method: "GET", path: "/results/1/" + j.Outputs[0].Name}); strings.TrimSpace(string(b)) != strings.TrimSpace(text) || text == "" {
		t.Errorf("the stream told %q, the file has %q", text, b)
	}
	a, _ := s.do(sent{method: "GET", path: "/jobs/1/events", head: map[string]string{"Last-Event-ID": all[len(all)-1]}})
	if a.StatusCode != http.StatusNoContent {
		t.Error(a.Status)
	}
	if p := s.problem(422, sent{method: "GET", path: "/jobs/1/events?after=x"}); p.Field != "after" {
		t.Errorf("%+v", p)
	}
	if p := s.problem(422, sent{method: "GET", path: "/jobs/1/events?after=1", head: map[string]string{"Last-Event-ID": "x"}}); p.Field != "Last-Event-ID" {
		t.Errorf("%+v", p)
	}
	s.problem(404, sent{method: "GET", path: "/jobs/7/events"})
}

// Cancelled and finished jobs go into the trash and come back.
func TestTrash(t *testing.T) {
	s := start(t)
	j := s.done("write", story, "")
	name := "/results/1/" + j.Outputs[0].Name
	s.want(200, sent{method: "DELETE", path: "/jobs/1"}, &j)
	s.problem(404, sent{method: "GET", path: name})
	s.problem(409, sent{method: "DELETE", path: "/jobs/1"})
	s.want(200, sent{method: "DELETE", path: "/runs/clothes"}, nil)
	s.problem(404, sent{method: "GET", path: "/runs/clothes"})
	var all []Trashed
	s.want(200, sent{method: "GET", path: "/trash"}, &all)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	for _, one := range all {
		s.want(204, sent{method: "POST", path: "/trash/" + one.ID + "/restore"}, nil)
	}
	s.want(200, sent{method: "GET", path: name}, nil)
	s.want(200, sent{method: "GET", path: "/runs/clothes"}, nil)
	s.want(200, sent{method: "DELETE", path: "/jobs/1"}, nil)
	s.want(204, sent{method: "DELETE", path: "/trash/job-1"}, nil)
	s.problem(404, sent{method: "GET", path: "/jobs/1"})
	if entries, _ := os.ReadDir(filepath.Join(s.home, "outputs", j.Created.Format(time.DateOnly))); len(entries) > 0 {
		t.Error(entries)
	}
	for _, id := range []string{"job-1", "run-..", "run-..%2f0001-clothes", "upload-x", "x"} {
		s.problem(404, sent{method: "DELETE", path: "/trash/" + id})
	}
}
