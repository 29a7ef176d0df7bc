package cards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atelier/data"
	"atelier/internal/fetch"
	"atelier/internal/home"
	"atelier/internal/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

func init() {
	data.Sources.Add("line", "of the tests: the lines of a file", func() data.Source { return new(line) })
}

// line yields the lines of a file.
type line struct{ Path string }

func (l *line) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		b, err := os.ReadFile(l.Path)
		if err != nil || split == data.Test {
			if err != nil {
				yield(data.Item{}, err)
			}
			return
		}
		for i, text := range strings.Fields(string(b)) {
			it := data.Item{Name: fmt.Sprint(l.Path, "/", i), Bytes: []byte(text), Origin: data.Origin{Place: l.Path}}
			if i == 1 {
				it.Origin.Licence = "CC0-1.0"
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// toy replaces all cards by one of a file with the given content and addresses.
func toy(t *testing.T, content string, addresses ...string) {
	sum := sha256.Sum256([]byte(content))
	before := parsed
	parsed = func() []Card {
		return []Card{{
			Name: "toy", Aliases: []string{"plaything"}, Licence: "MIT", Attribution: "somebody", Home: "https://example.org/toy",
			Editions: []Edition{{
				Items: 3, Files: []File{{"deep/words.txt", addresses, hex.EncodeToString(sum[:]), int64(len(content))}},
				Read: map[string]any{"use": "line", "path": "deep/words.txt"},
			}},
		}}
	}
	t.Cleanup(func() { parsed = before })
	t.Setenv(home.MirrorVariable, "")
}

func (s *Set) all(t *testing.T) (items []data.Item, err error) {
	for it, err := range s.Items(t.Context(), data.Train) {
		if err != nil {
			return items, err
		}
		items = append(items, it)
	}
	return items, nil
}

func quick() *Set {
	s := &Set{Name: "toy", Settings: fetch.Defaults()}
	s.AllowPrivate, s.Retries, s.Timeout = true, 0, time.Hour
	return s
}

func TestParse(t *testing.T) {
	if len(All()) < 10 {
		t.Fatal(len(All()), "cards")
	}
	good, err := files.ReadFile("tang300.toml")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`title = `: `titel = `, `items = 353`: `items = 0`, `path = "tang300.jsonl.gz"`: `path = "../secret"`, `sha256 = "`: `sha256 = "x`,
		`licence = "MIT"`: `licence = 5`, `use = "jsonl"`: `uses = "jsonl"`,
	} {
		if _, err := parse("x", bytes.Replace(good, []byte(from), []byte(to), 1)); err == nil {
			t.Errorf("took %s", to)
		}
	}
	if _, err := Find("fashion-mnits"); err == nil || !strings.Contains(err.Error(), `did you mean "fashion-mnist"`) {
		t.Error(err)
	}
	var s Set
	if s.Recognize("tiny-shakespeare") != data.Certain || s.Name != "shakespeare" || s.Recognize("/tmp") != data.Unfit {
		t.Error("recognizes", s.Name)
	}
}

func TestDownload(t *testing.T) {
	const content = "one two three"
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/gone" {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}))
	defer server.Close()
	toy(t, content, server.URL+"/gone", server.URL+"/words")
	s := quick()
	s.Cache = t.TempDir()
	items, err := s.all(t)
	if err != nil || len(items) != 3 {
		t.Fatal(len(items), err)
	}
	want := data.Item{Name: "deep/words.txt/1", Bytes: []byte("two"), Origin: data.Origin{Place: "toy/deep/words.txt", Licence: "CC0-1.0", Attribution: "somebody"}}
	if got := items[1]; fmt.Sprint(got) != fmt.Sprint(want) || items[0].Origin.Licence != "MIT" {
		t.Errorf("got %+v", got)
	}
	again := quick()
	again.Cache = s.Cache
	if items, err := again.all(t); err != nil || len(items) != 3 || asked.Load() != 2 {
		t.Error(len(items), err, asked.Load(), "requests")
	}
	// A damaged file is downloaded again; an interrupted download is resumed.
	kept, err := filepath.Glob(filepath.Join(s.Cache, "toy-*", "deep", "words.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	for _, name := range []string{kept[0], kept[0] + ".part"} {
		if err := os.WriteFile(name, []byte("one"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	third := quick()
	third.Cache = s.Cache
	if items, err := third.all(t); err != nil || len(items) != 3 {
		t.Error(len(items), err)
	}
	// Without allow_private, addresses of this machine are refused.
	fourth := quick()
	fourth.Cache, fourth.AllowPrivate = t.TempDir(), false
	if _, err := fourth.all(t); err == nil || !strings.Contains(err.Error(), fetch.Private) || !strings.Contains(err.Error(), "--mirror") {
		t.Error(err)
	}
}

func TestMirror(t *testing.T) {
	toy(t, "one two three")
	mirror := t.TempDir()
	s := quick()
	s.Cache = t.TempDir()
	if _, err := s.all(t); err == nil || !strings.Contains(err.Error(), "no public address") || !strings.Contains(err.Error(), "https://example.org/toy") {
		t.Error(err)
	}
	s.Mirror = mirror
	if _, err := s.all(t); err == nil || !strings.Contains(err.Error(), "has no deep/words.txt") {
		t.Error(err)
	}
	file := filepath.Join(mirror, "toy", "deep", "words.txt")
	for content, want := range map[string]string{"one two three": "", "one two four!": "is not the expected file"} {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		s := quick()
		s.Mirror = mirror
		items, err := s.all(t)
		if want == "" && (err != nil || len(items) != 3) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Error(len(items), err)
		}
	}
}

// TestRest skips the Items in a journal.
func TestRest(t *testing.T) {
	toy(t, "one two three")
	mirror := t.TempDir()
	if err := os.MkdirAll(filepath.Join(mirror, "deep"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mirror, "deep", "words.txt"), []byte("one two three"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := quick()
	s.Mirror = mirror
	var got []string
	for it, err := range s.Rest(t.Context(), data.Train, known{"deep/words.txt/1"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(it.Bytes))
	}
	if !slices.Equal(got, []string{"one", "three"}) {
		t.Error(got)
	}
}

type known []string

func (k known) Known(name string) bool    { return slices.Contains(k, name) }
func (known) Load(string) ([]byte, error) { return nil, nil }
func (known) Save(string, []byte) error   { return nil }
