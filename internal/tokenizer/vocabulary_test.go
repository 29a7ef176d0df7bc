package tokenizer

import (
	"slices"
	"testing"
)

// What is written as the metadata of a GGUF file encodes as before.
func TestVocabulary(t *testing.T) {
	text := []byte("The cat sat on the mat; the rat sat on the cat, 12 times. Ünïcödé 猫")
	trained, err := Train(func(yield func([]byte, error) bool) { yield(text, nil) }, LeastSize+15, "<|mark|>")
	if err != nil {
		t.Fatal(err)
	}
	v, err := trained.Vocabulary()
	if err != nil || v.Model != "gpt2" || v.Pre != "gpt-2" || v.Scores != nil || len(v.Tokens) != trained.Size() {
		t.Fatalf("%s %s, %d tokens, %v", v.Model, v.Pre, len(v.Tokens), err)
	}
	again, err := FromGGUF(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{string(text), "", "  a\n\nb ", "<|mark|>", "mat mat mat"} {
		if got, want := again.EncodeSpecial([]byte(s)), trained.EncodeSpecial([]byte(s)); !slices.Equal(got, want) {
			t.Errorf("%q: %v; want %v", s, got, want)
		}
	}
	if again.EOS() != trained.EOS() || again.AddsBOS() != trained.AddsBOS() {
		t.Error("other ends")
	}
}
