package brought

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"testing"

	"atelier/internal/leaks"
	"atelier/model/language"
)

func TestMain(m *testing.M) { leaks.Main(m) }

func TestBuiltIn(t *testing.T) {
	o, err := Find("", "stories260k")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	want := language.Config{Vocabulary: 512, Context: 512, Width: 64, Hidden: 172, Layers: 5, Heads: 8, KVHeads: 4, HeadWidth: 8, Epsilon: 1e-5, Activation: language.Silu}
	got := o.Config
	if got.Rotary == nil || got.Rotary.Base != 10000 || got.Rotary.Halves || got.Rotary.Scale != nil {
		t.Error(got.Rotary)
	}
	got.Rotary = nil
	if got != want {
		t.Errorf("%+v", got)
	}
	// 512·64 for the embeddings, which the output shares; a layer has two norms of 64, the
	// queries and the output of attention 64·64, keys and values 32·64, and 3·172·64.
	if n := int64(512*64 + 5*(2*64+2*64*64+2*32*64+3*172*64) + 64); o.Facts.Parameters != n || o.Facts.Type != "F32" {
		t.Errorf("%+v; want %d parameters", o.Facts, n)
	}
	text := "Once upon a time, there was a little girl named Lily."
	tokens := o.Tokenizer.Encode([]byte(text))
	if got := string(o.Tokenizer.Decode(tokens)); got != text || len(tokens) > 25 || len(o.Ends) != 1 || o.Ends[0] != 2 {
		t.Errorf("%d tokens, %q, ends %v", len(tokens), got, o.Ends)
	}
}

func TestNoticeNamesTheModel(t *testing.T) {
	notice, err := fs.ReadFile(stories, "stories/NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{builtInFile, builtInTokenizer} {
		data, err := fs.ReadFile(stories, "stories/"+name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if !strings.Contains(string(notice), hex.EncodeToString(sum[:])+"  "+name) {
			t.Errorf("the notice does not name %s with its hash", name)
		}
	}
}
