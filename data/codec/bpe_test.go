package codec

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/tokenizer"
)

// learned is a codec that learned its tokens from texts.
func learned(t interface{ Fatal(...any) }, size int, texts ...string) *BPE {
	c := &BPE{Context: 8, Size: size}
	err := c.Fit(func(yield func(data.Item, error) bool) {
		for _, text := range texts {
			if !yield(data.Item{Bytes: []byte(text)}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const question = "To be, or not to be, that is the question. To be, or not to be. 不亦說乎？不亦樂乎？"

// Whatever bytes there are come back as they were, by fewer tokens if they are like the texts
// that were learned from.
func TestBPERoundTrip(t *testing.T) {
	c := learned(t, 300, question)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "text")
		tokens, err := c.Tokens(data.Item{Bytes: text})
		if err != nil {
			t.Fatal(err)
		}
		c.Context = len(tokens) - 1
		if c.Context == 0 {
			return
		}
		if got := returned(t, c, text); !bytes.Equal(got, text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
	tokens, err := c.Tokens(data.Item{Bytes: []byte("To be, or not to be")})
	if err != nil || len(tokens) > 10 {
		t.Error(len(tokens), "tokens", err)
	}
}

// A name of the token between texts is text like any other, and the token is shown by it only
// between texts.
func TestBPEEnds(t *testing.T) {
	c := learned(t, 300, question)
	end, ok := c.End()
	tokens, err := c.Tokens(data.Item{Bytes: []byte("x" + tokenizer.EndOfText)})
	if err != nil || !ok || end != 0 || tokens[len(tokens)-1] == end {
		t.Fatal(tokens, end, ok, err)
	}
	x := tokens[0]
	row := []int32{end, x, end, x, end}
	spec, err := c.Spec(nil)
	if err != nil || spec.Target().Begin != end {
		t.Fatal(spec, err)
	}
	f := spec.Target()
	f.Shape = []int{len(row)}
	it, err := c.Decode(&data.Batch{N: 1, Columns: []data.Column{{Field: f, Ints: row}}}, 0)
	if err != nil || string(it.Bytes) != "x<|endoftext|>x" {
		t.Errorf("%q, %v", it.Bytes, err)
	}
}

// What was learned is recalled by another codec, and so is a file, without the file.
func TestBPERecalls(t *testing.T) {
	c := learned(t, 300, question)
	files, err := c.Learned()
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	path := filepath.Join(t.TempDir(), "any.json")
	if err := os.WriteFile(path, files[tokenizerFile], 0o666); err != nil {
		t.Fatal(err)
	}
	read := &BPE{Context: 8, Size: 1024, File: path}
	if err := read.Load(); err != nil {
		t.Fatal(err)
	}
	again := &BPE{Context: 8, Size: 1024, File: "gone.json"}
	if err := again.Recall(files); err != nil {
		t.Fatal(err)
	}
	if err := again.Load(); err != nil {
		t.Error("the file is read although its contents are recalled:", err)
	}
	want, _ := c.Tokens(data.Item{Bytes: []byte(question)})
	for _, c := range []*BPE{read, again} {
		if got, err := c.Tokens(data.Item{Bytes: []byte(question)}); err != nil || len(got) != len(want) {
			t.Error(got, err)
		}
	}
}

func TestRefusesBPE(t *testing.T) {
	for want, c := range map[string]*BPE{
		"size: want 257 to 65536 tokens, got 256": {Context: 8, Size: 256},
		"context: want 1 to 65536 tokens, got 0":  {Context: 0, Size: 300},
		"nothing was learned from the data":       {Context: 8, Size: 300},
		"no such file":                            {Context: 8, Size: 300, File: "gone.json"},
		"bpe_test.go: not a tokenizer.json: it is not JSON from byte 1 on: invalid": {Context: 8, Size: 300, File: "bpe_test.go"},
	} {
		err := c.Load()
		if err == nil {
			_, err = c.Spec(nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	c := &BPE{Context: 8, Size: 300}
	if err := c.Recall(map[string][]byte{"vocabulary.json": nil}); err == nil || !strings.Contains(err.Error(), "want tokenizer.json and no other file") {
		t.Error(err)
	}
	if err := c.Recall(map[string][]byte{tokenizerFile: []byte("{}")}); err == nil || !strings.Contains(err.Error(), "tokenizer.json is damaged") || c.Fitted != "" {
		t.Error(err)
	}
}
