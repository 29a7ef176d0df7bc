package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "atelier/data/augment"
	_ "atelier/data/cards"
	_ "atelier/data/clean"
	_ "atelier/data/codec"
	"atelier/data/library"
	_ "atelier/data/source"
	"atelier/data/store"
	"atelier/engine"
	"atelier/internal/leaks"
	"atelier/internal/registry"
	"atelier/jobs"
	_ "atelier/model/arch"
	_ "atelier/model/augment"
	_ "atelier/model/family"
	_ "atelier/model/feature"
	_ "atelier/model/loss"
	_ "atelier/model/metric"
	"atelier/model/run"
	"atelier/server"
)

func TestMain(m *testing.M) { leaks.Main(m, func() {}) }

// A site is a studio with its pages, and a client that is signed in with the owner's token.
type site struct {
	*testing.T
	srv             *server.Server
	home, url, code string
	token           string
	stop            func()
}

// startOn starts a studio on a home, at an address.
func startOn(t *testing.T, home, listen string) *site {
	t.Helper()
	t.Setenv("ATELIER_HOME", home) // where runs look for datasets
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	kernels, matcher := engine.NewDots(engine.Options{Threads: 1}), engine.NewMatcher(engine.Options{Threads: 1})
	studio := &run.Studio{Runs: filepath.Join(home, "runs"), Home: home, Backend: backend, Kernels: kernels, Matcher: matcher,
		Program: "test", Engine: "cpu", Loaded: run.NewLoaded(0)}
	st, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := server.OwnerToken(home)
	if err != nil {
		t.Fatal(err)
	}
	l, err := server.OpenLedger(context.Background(), home)
	if err != nil {
		t.Fatal(err)
	}
	at, err := server.Place{Listen: listen}.Open()
	if err != nil {
		t.Fatal(err)
	}
	limits := server.UsualLimits()
	limits.Reserve = 0
	srv, err := server.New(server.Config{Home: home, Ledger: l, Owner: owner, Hosts: at.Hosts, Limits: limits, Log: slog.New(slog.DiscardHandler),
		Workshop: &jobs.Workshop{Studio: studio, Library: &library.Library{Store: st, Home: home, Program: "test"}}})
	if err != nil {
		t.Fatal(err)
	}
	Mount(srv, home)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ctx, at.Listener, nil) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		studio.Loaded.Close()
		matcher.Close()
		kernels.Close()
		backend.Finalize()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	t.Cleanup(stop)
	return &site{T: t, srv: srv, home: home, url: at.URL, code: srv.Code(), token: owner, stop: stop}
}

// get is the status and the text at an address; a token of "none" shows none.
func (s *site) get(path, lang, token string) (int, string, http.Header) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Accept-Language", lang)
	r.Header.Set("Accept", "text/html")
	if token != "none" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return a.StatusCode, string(b), a.Header
}

// done runs an app, and waits for it.
func (s *site) done(name string, inputs map[string]any) (j jobs.Job) {
	s.Helper()
	if text := s.post("/apps/"+strings.ReplaceAll(name, " ", "-"), inputs, &j); j.State != jobs.Done {
		s.Fatalf("%s: %s", name, text)
	}
	return j
}

// post sends JSON to the API, and waits for the answer.
func (s *site) post(path string, body map[string]any, into any) string {
	s.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.url+"/api/v1"+path, bytes.NewReader(b))
	if err != nil {
		s.Fatal(err)
	}
	for key, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + s.token, "Prefer": "wait=300"} {
		r.Header.Set(key, value)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil || a.StatusCode >= http.StatusBadRequest {
		s.Fatalf("%s: %s", path, text)
	}
	return string(text)
}

// tiny are the settings of a training that takes a moment.
var tiny = []string{"steps=2", "pictures=1", "save=1", "batch=2", "score.metrics=[]",
	"model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]"}

// drawn are pictures for a test, of two kinds.
func drawn(t *testing.T, folder string, n int) {
	t.Helper()
	for i := range n {
		img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for y := range 32 {
			for x := range 32 {
				img.Set(x, y, color.NRGBA{uint8(x*y*(i+3) + 40*i), uint8(x*7 + i*13*y), uint8(255 - 8*x*(i%2)), 255})
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, []string{"warm", "cold"}[i%2], fmt.Sprintf("picture %02d.png", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPages(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	folder := filepath.Join(t.TempDir(), "shapes")
	drawn(t, folder, 24)
	set := s.done("data add", map[string]any{"name": "shapes", "sources": []string{folder}, "clean": []string{"blur=off"}})
	trained := s.done("train", map[string]any{"recipe": "fashion", "settings": tiny})
	made := s.done("generate", map[string]any{"run": trained.Run, "n": 4})
	both := []map[string]string{{"result": jobName(made.ID, made.Outputs[0].Name)}, {"result": jobName(made.ID, made.Outputs[0].Name)}}
	laid := s.done("sheet", map[string]any{"pictures": both})
	solid := s.done("relief", map[string]any{"picture": both[0], "grid": 8})
	level := s.done("level", map[string]any{"size": "12x8"})
	told := s.done("write", map[string]any{"prompt": `Once "<b>upon`, "length": 8})
	talked := s.done("chat", map[string]any{"message": "How do I train?", "conversation": "first"})
	s.done("chat", map[string]any{"message": "What is a run?", "conversation": "假期"})
	s.done("chat", map[string]any{"message": strings.Repeat("How? ", 5000)})
	s.post("/conversations/first/branch", map[string]any{"name": "off", "exchanges": 1}, &server.Conversation{})
	s.post("/ratings", map[string]any{"name": "both", "jobs": []int64{told.ID, s.done("write", map[string]any{"prompt": "Two", "length": 8}).ID}}, &server.Rating{})
	for path, want := range map[string]string{
		"/": "What would you like to do?", "/data": "shapes", "/data/shapes@1": "To learn from", "/train": "fashion",
		"/train?set=shapes": "set:shapes", fmt.Sprintf("/train?job=%d", trained.ID): "score.metrics=[]",
		"/make": "Inpaint", fmt.Sprintf("/make/sheet?job=%d", laid.ID): "Choose or drop files", "/make/inpaint": "Paint over", "/make/generate?run=" + trained.Run: trained.Run,
		fmt.Sprintf("/make/generate?job=%d", made.ID): made.Outputs[0].Name, "/gallery": made.Outputs[0].Name, "/gallery?kind=text": "upon",
		"/gallery?kind=picture": fmt.Sprintf(`data-map="/api/v1/results/%d/`, level.ID), "/gallery?kind=moving": solid.Outputs[0].Name, fmt.Sprintf("/jobs/%d", solid.ID): fmt.Sprintf(`src="/solids/%d/`, solid.ID),
		"/runs": trained.Run, "/runs?q=nothing": "No run fits", "/runs/" + trained.Run: "The run file",
		"/compare?run=" + trained.Run + "&run=" + trained.Run: "settings are the same", fmt.Sprintf("/jobs/%d", set.ID): "works to learn from",
		fmt.Sprintf("/parts/jobs/%d", told.ID): `Once &#34;&lt;b&gt;upon`, "/parts/results?accept=image/*": made.Outputs[0].Name,
		"/parts/start": "", "/parts/datasets": "shapes@1", "/make/variations": `data-words="[&#34;patch&#34;]"`, "/parts/runs/" + trained.Run: "Losses", "/parts/fields/tile": "Seed", "/chat?c=off": "<p data-text>How do I train?</p>", "/chat?c=first": `data-act="delete-talk">`, "/chat": `href="/chat?c=%e5%81%87%e6%9c%9f"`, "/chat?c=%e5%81%87%e6%9c%9f": "<p data-text>What is a run?</p>", "/rate": "New rating", "/rate/both": "What the votes say so far", "/music": "Compose a piece", "/make/compose": "ensemble",
	} {
		for _, lang := range []string{"en", "zh-CN"} {
			status, text, _ := s.get(path, lang, "")
			if status != http.StatusOK || lang == "en" && !strings.Contains(text, want) {
				t.Errorf("%s in %s: %d without %q: %s", path, lang, status, want, text)
			}
			for _, bad := range []string{" style=", "<no value>", "ZgotmplZ", "%!", "onclick="} {
				if strings.Contains(text, bad) {
					t.Errorf("%s in %s has %q", path, lang, bad)
				}
			}
		}
	}
	if _, text, _ := s.get("/gallery?kind=picture", "en", ""); level.Outputs[0].MediaType != "image/png" || strings.Contains(text, `alt="`+level.Outputs[0].Name) {
		t.Error("the gallery shows a map, and its tiles beside it")
	}
	for path, unfit := range map[string]string{ // what a run of pictures cannot do is not offered
		"/make/level": trained.Run, "/make/draw": trained.Run, "/make/compose": trained.Run, "/make/write": trained.Run, "/make/stylize": trained.Run,
		"/runs/" + trained.Run: "/make/level?", "/chat": `value="remote"`, "/chat?c=none": `data-act="delete-talk">`,
	} {
		if _, text, _ := s.get(path, "en", ""); strings.Contains(text, unfit) {
			t.Errorf("%s offers %s", path, unfit)
		}
	}
	for _, path := range []string{"/make/exhibit", "/make/interpolate", "/make/mix", "/make/nearest", "/make/variations"} {
		if _, text, _ := s.get(path, "en", ""); !strings.Contains(text, `value="`+trained.Run) {
			t.Errorf("%s does not offer %s", path, trained.Run)
		}
	}
	for path := range map[string]bool{"/runs/none": true, "/data/none": true, "/jobs/99": true, "/jobs/x": true, "/make/nothing": true, "/train?job=99": true, "/rate/none": true, "/nowhere": true} {
		if status, text, _ := s.get(path, "en", ""); status != http.StatusNotFound || !strings.Contains(text, "<nav") {
			t.Errorf("%s: %d", path, status)
		}
	}
	for path, most := range map[string]int{"/gallery": 5200, "/rate": 200} { // cards show few lines; the gallery has what varies a job
		if _, text, _ := s.get(path, "en", ""); strings.Count(text, "How? ") > most {
			t.Errorf("%s has a message with %d of its questions", path, strings.Count(text, "How? "))
		}
	}
	at := fmt.Sprintf("/solids/%d/", solid.ID)
	if status, text, head := s.get(at+solid.Outputs[0].Name, "en", ""); status != http.StatusOK || !strings.Contains(text, "<model-viewer") || !strings.HasPrefix(head.Get("Content-Security-Policy"), "sandbox allow-scripts") {
		t.Errorf("the solid: %d, %v", status, head)
	}
	for path, want := range map[string]int{at + "none.glb": http.StatusNotFound, fmt.Sprintf("/solids/%d/%s", made.ID, made.Outputs[0].Name): http.StatusNotFound} {
		if status, _, _ := s.get(path, "en", ""); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if status, text, _ := s.get(at+solid.Outputs[0].Name, "en", "none"); status != http.StatusUnauthorized || strings.Contains(text, "<model-viewer") {
		t.Errorf("the solid shows itself to anyone: %d", status)
	}
	if talked.State != jobs.Done {
		t.Error(talked.State)
	}
	for path := range routes {
		_, path, _ = strings.Cut(path, " ")
		path = strings.NewReplacer("{$}", "", "{ref}", "shapes", "{app}", "mix", "{run}", trained.Run, "{job}", "1", "{rating}", "both").Replace(path)
		if status, text, _ := s.get(path, "en", "none"); status != http.StatusUnauthorized || !strings.Contains(text, "studio link") || strings.Contains(text, trained.Run) {
			t.Errorf("%s shows itself to anyone: %d", path, status)
		}
	}
}

// A run whose folder has a name that only some systems have is looked at and drawn from like others.
func TestRunNames(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	trained := s.done("train", map[string]any{"recipe": "fashion", "settings": tiny})
	const name = `0001-50% <b> #1?"x"`
	if err := os.Rename(filepath.Join(s.home, "runs", trained.Run), filepath.Join(s.home, "runs", name)); err != nil {
		t.Skip("skipped: there are no such names here:", err)
	}
	at := "/runs/" + url.PathEscape(name)
	for _, path := range []string{at, at + "/play", at + "/card", "/parts" + at, "/api/v1" + at, "/api/v1" + at + "/previews/fakes-000002.png", "/compare?" + url.Values{"run": {name, name}}.Encode(), "/make/generate?" + url.Values{"run": {name}}.Encode()} {
		if status, text, _ := s.get(path, "en", ""); status != http.StatusOK {
			t.Errorf("%s: %d: %s", path, status, text)
		}
	}
	if _, text, _ := s.get("/runs", "en", ""); !strings.Contains(text, `href="`+at+`"`) {
		t.Error(text)
	}
	if _, text, _ := s.get(at, "en", ""); !strings.Contains(text, `data-inputs='{&#34;run&#34;:`) && !strings.Contains(text, `data-inputs='{"run":`) {
		t.Error(text)
	}
	made := s.done("generate", map[string]any{"run": name, "n": 1})
	if got := made.Outputs[0].Name; strings.ContainsAny(got, `<>?"`) {
		t.Error(got)
	}
}

// A single picture is a set of one, and wrong settings of cleaning are refused at their field.
func TestOnePicture(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	folder := t.TempDir()
	drawn(t, folder, 1)
	picture, err := os.ReadFile(filepath.Join(folder, "warm", "picture 00.png"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/uploads?name=one.png", bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var up server.Upload
	if err := json.NewDecoder(a.Body).Decode(&up); err != nil {
		t.Fatal(err)
	}
	sources := []map[string]string{{"upload": up.ID}}
	added := s.done("data add", map[string]any{"name": "one", "sources": sources, "clean": []string{"blur=off"}})
	if _, text, _ := s.get("/data/one", "en", ""); !strings.Contains(text, `alt="one.png"`) || len(added.Found) == 0 {
		t.Error(text)
	}
	for setting, want := range map[string]string{"blur": "blur=off", "blur=5": "blur.", "blurr=off": "blur", "size.widht=64": "width", "size.width=x": "whole number"} {
		_, err := s.srv.Workshop().Check(jobs.Job{App: "data add", Wide: true, Inputs: json.RawMessage(fmt.Sprintf(`{"name":"one","clean":[%q]}`, setting))})
		var field *jobs.FieldError
		if !errors.As(err, &field) || field.Field != "clean" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

// A page loads little script, and none from elsewhere.
func TestScripts(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	names, err := fs.Glob(files, "assets/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(b, []byte("://")); i >= 0 && !bytes.Contains(b, []byte("http://www.w3.org/2000/svg")) {
			t.Errorf("%s names an address: %s", name, b[i-5:i+20])
		}
		if strings.HasSuffix(name, ".js") {
			w.Write(b)
		}
	}
	w.Close()
	if packed.Len() > 60<<10 {
		t.Errorf("the scripts have %d bytes, gzipped", packed.Len())
	}
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	status, _, head := s.get("/assets/page.js", "en", "none")
	if status != http.StatusOK || head.Get("Content-Type") != assetTypes["js"] || head.Get("ETag") == "" {
		t.Errorf("page.js: %d %v", status, head)
	}
	if status, _, _ := s.get("/assets/none.js", "en", "none"); status != http.StatusNotFound {
		t.Errorf("none.js: %d", status)
	}
	if _, _, head := s.get("/", "en", "none"); !strings.Contains(head.Get("Content-Security-Policy"), "script-src 'self'") {
		t.Errorf("the policy is %q", head.Get("Content-Security-Policy"))
	}
}

func TestChanges(t *testing.T) {
	a, err := registry.Flat([]byte("seed = 1\naugment = [\n  {use = \"flip\"},\n]\n[data]\nuse = \"starter\"\n[model]\nema = 0.9\n"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := registry.Flat([]byte("seed = 2\naugment = []\n[data]\nuse = \"starter\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, same := changes(a, b)
	if want := []change{{"augment", `[{"use":"flip"}]`, "[]"}, {"model.ema", "0.9", ""}, {"seed", "1", "2"}}; !slices.Equal(got, want) || same != 1 {
		t.Errorf("got %v, %d the same", got, same)
	}
}
