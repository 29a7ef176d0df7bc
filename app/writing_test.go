package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"atelier/model/run"
)

// Text of tokens that are bytes or parts of characters is shown by whole characters, and all of
// it is shown.
func TestStreamShowsWholeCharacters(t *testing.T) {
	s := shared(t)
	own := &run.Studio{Runs: t.TempDir(), Backend: s.Backend, Kernels: s.Kernels, Program: "test", Engine: "cpu"}
	text := filepath.Join(t.TempDir(), "play.txt")
	if err := os.WriteFile(text, bytes.Repeat([]byte("To be, 不亦說乎, é.\n"), 9), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, codec := range []string{`{use="bytes", context=8}`, `{use="bpe", context=8, size=265}`} {
		config, err := run.Parse("test.toml", []byte(playFile), "data.path="+text, "codec="+codec)
		if err != nil {
			t.Fatal(err)
		}
		made, err := own.Train(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		r, err := own.Open(made.Dir.Name())
		if err != nil {
			t.Fatal(err)
		}
		want := "不亦說乎 é👨‍👩‍👧 To be"
		tokens, err := r.Tokens(want)
		if err != nil {
			t.Fatal(err)
		}
		var shown []string
		show := runStream{run: r}
		for _, token := range tokens {
			if piece := show.Next(token); len(piece) > 0 {
				shown = append(shown, string(piece))
			}
		}
		if rest := show.Flush(); len(rest) > 0 {
			shown = append(shown, string(rest))
		}
		if got := strings.Join(shown, ""); got != want {
			t.Errorf("%s: %q is shown as %q", codec, want, got)
		}
		for _, piece := range shown {
			if !utf8.ValidString(piece) || piece == "" {
				t.Errorf("%s: %q is shown by itself", codec, piece)
			}
		}
	}
}
