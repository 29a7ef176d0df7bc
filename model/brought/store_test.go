package brought

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/fetch"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"/a/Qwen2.5-0.5B.Q8_0.gguf": "qwen2.5-0.5b.q8_0", "model.bin": "model", "My Model (v2)/": "my-model-v2", "...": "", "模型.gguf": "",
	} {
		if got := NameFor(name); got != want {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "A", "-a", "a-", ".a", "a b", "é", strings.Repeat("a", 101), BuiltIn, Distant, Distant + ":x", "a\x00"} {
		if err := CheckName(name); !errors.Is(err, badinput.Err) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Of several that add under one name at once one does, and the others are told.
func TestAddAtOnce(t *testing.T) {
	s := NewStore(t.TempDir())
	path := asGGUF(t, made(t, archLlama), "")
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = s.Add(t.Context(), Addition{Name: "one", Path: path, Source: path})
		})
	}
	wait.Wait()
	added := 0
	for _, err := range errs {
		if err == nil {
			added++
		} else if !strings.Contains(err.Error(), "there are weights named one") {
			t.Error(err)
		}
	}
	card, err := s.Card("one")
	if err != nil || added != 1 {
		t.Fatal(added, err)
	}
	if err := card.Verify(); err != nil {
		t.Error(err)
	}
}

// A file keeps a name by which it is found again, whatever it was called.
func TestAddUnderOtherNames(t *testing.T) {
	home := t.TempDir()
	s := NewStore(home)
	dir := t.TempDir()
	data, err := os.ReadFile(asGGUF(t, made(t, archLlama), ""))
	if err != nil {
		t.Fatal(err)
	}
	weights, _ := stories.ReadFile("stories/" + builtInFile)
	tokens, _ := stories.ReadFile("stories/" + builtInTokenizer)
	for name, file := range map[string][]byte{"blob": data, "ggml-model.bin": data, "tokyo.bin": weights, "story": weights, "words": tokens} {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, tokenizer := range map[string]string{"blob": "", "ggml-model.bin": "", "tokyo.bin": "words", "story": "words"} {
		a := Addition{Name: NameFor(name), Path: filepath.Join(dir, name)}
		if tokenizer != "" {
			a.Tokenizer = filepath.Join(dir, tokenizer)
		}
		if _, err := s.Add(t.Context(), a); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o, err := Find(home, a.Name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o.Close()
	}
}

func TestAddIsWhole(t *testing.T) {
	home := t.TempDir()
	s := NewStore(home)
	path := asGGUF(t, made(t, archLlama), "")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Add(stopped, Addition{Name: "one", Path: path}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if cards, damaged, err := s.List(); len(cards)+len(damaged) > 0 || err != nil {
		t.Error(cards, damaged, err)
	}
	// What a killed process left is taken away by the next.
	left := filepath.Join(home, storeFolder, ".new-0123456789abcdef")
	if err := os.MkdirAll(left, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), Addition{Name: "one", Path: path, Source: "here"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("leftovers stay")
	}
	o, err := Find(home, "one")
	if err != nil {
		t.Fatal(err)
	}
	hash, err := o.Hash()
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	direct := opened(t, path)
	if other, err2 := direct.Hash(); hash != other || err != nil || err2 != nil || o.Facts.Name != "one" {
		t.Error(hash, other, err, err2, o.Facts)
	}
	// One byte more or less is noticed at once, and another byte by verifying.
	file := filepath.Join(home, storeFolder, "one", "model.gguf")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	card, err := s.Card("one")
	if err != nil || card.Glance() != nil {
		t.Fatal(err, card.Glance())
	}
	if err := card.Verify(); err == nil || !strings.Contains(err.Error(), "the SHA-256 of model.gguf is") {
		t.Error(err)
	}
	if err := os.Truncate(file, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(home, "one"); err == nil || !strings.Contains(err.Error(), "has 100 bytes instead of") {
		t.Error(err)
	}
	// A card that names files elsewhere is not believed.
	hostile := `{"card": 1, "contents": [{"path": "../../secret", "size": 1}]}`
	if err := os.WriteFile(filepath.Join(home, storeFolder, "one", cardFile), []byte(hostile), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Card("one"); err == nil || !strings.Contains(err.Error(), "lies outside of the folder") {
		t.Error(err)
	}
	if err := s.Remove(t.Context(), "one"); err != nil || len(s.Names()) > 0 {
		t.Error(err, s.Names())
	}
}

func TestKnown(t *testing.T) {
	if len(AllKnown()) < 6 {
		t.Fatal(len(AllKnown()))
	}
	for from, to := range map[string]string{
		"licence = \"MIT\"": "licenze = 1", "https://huggingface.co/openai": "http://huggingface.co/openai", "\"config.json\"": "\"../config.json\"", "size = ": "sizes = ",
	} {
		if _, err := parseKnown(bytes.Replace(knownText, []byte(from), []byte(to), 1)); err == nil {
			t.Errorf("took %s", to)
		}
	}
	if _, err := Find(t.TempDir(), "SmolLM2-135M"); err == nil || !strings.Contains(err.Error(), "atelier weights add smollm2-135m") {
		t.Error(err)
	}
	for address, want := range map[string]string{
		"https://huggingface.co/Org/Some-Model":                       "https://huggingface.co/Org/Some-Model/resolve/main/config.json",
		"https://huggingface.co/Org/Some-Model/blob/main/x.Q8_0.gguf": "https://huggingface.co/Org/Some-Model/resolve/main/x.Q8_0.gguf",
		"http://example.org/models/x.gguf?download=true":              "http://example.org/models/x.gguf?download=true",
	} {
		r, err := RemoteAt(address)
		if err != nil || r.Files[0].Address != want || CheckName(r.Name) != nil {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for _, address := range []string{"https://example.org/", "https://example.org/model.zip", "file:///etc/passwd", "https://user:word@example.org/x.gguf"} {
		if r, err := RemoteAt(address); err == nil {
			t.Errorf("%s: %+v", address, r)
		}
	}
}

func TestDownload(t *testing.T) {
	file, err := os.ReadFile(asGGUF(t, made(t, archQwen3), ""))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/model.gguf" {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
	}))
	defer server.Close()
	settings := fetch.Defaults()
	settings.AllowPrivate, settings.Retries = true, 0
	client := fetch.New(settings)
	defer client.Close()
	r, err := RemoteAt(server.URL + "/model.gguf")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Describe(t.Context(), client); err != nil || !strings.HasSuffix(r.About(), "KB") {
		t.Fatal(r.About(), err)
	}
	home := t.TempDir()
	downloads := filepath.Join(home, "downloads")
	told := 0
	if err := r.Download(t.Context(), client, downloads, func(RemoteFile) { told++ }); err != nil || told != 1 {
		t.Fatal(told, err)
	}
	card, err := NewStore(home).Add(t.Context(), Addition{Name: r.Name, Path: downloads, Source: r.Source, Downloaded: true})
	if err != nil || card.Architecture != archQwen3 || card.Verify() != nil {
		t.Fatal(card, err)
	}
	if err := os.RemoveAll(downloads); err != nil {
		t.Fatal(err)
	}
	if err := card.Verify(); err != nil {
		t.Error(err)
	}
	missing, err := RemoteAt(server.URL + "/other.gguf")
	if err != nil {
		t.Fatal(err)
	}
	if err := missing.Describe(t.Context(), client); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}
