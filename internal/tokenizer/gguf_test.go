package tokenizer

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// asGGUF returns the vocabulary of a tokenizer as GGUF files have it.
func asGGUF(t testing.TB, tok *Tokenizer, model, pre string) Vocabulary {
	t.Helper()
	v := Vocabulary{Model: model, Pre: pre, BOS: tok.BOS(), EOS: tok.EOS(), Unknown: tok.unknown, AddBOS: tok.AddsBOS()}
	types := map[kind]int32{ordinary: 1, special: ggufControl, markup: ggufUser, added: ggufUser, fallback: ggufByte, gap: ggufUnused}
	for _, e := range tok.entries {
		v.Tokens, v.Types = append(v.Tokens, tok.written(e)), append(v.Types, types[e.kind])
	}
	m, err := tok.model()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range m.Merges {
		v.Merges = append(v.Merges, pair[0]+" "+pair[1])
	}
	return v
}

// scoresOf are falling scores of the tokens, as SentencePiece has them.
func scoresOf(n int) (scores []float32) {
	for i := range n {
		scores = append(scores, -float32(max(0, i-259)))
	}
	return scores
}

// A vocabulary of a GGUF file gives the ids of the tokenizer.json that it was made of.
func TestGGUF(t *testing.T) {
	var texts []string
	if err := json.Unmarshal(fileIn(t, "testdata", "texts.json"), &texts); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, model, pre string }{
		{"gpt2", "gpt2", "gpt-2"}, {"gpt2", "gpt2", ""}, {"llama3", "gpt2", "llama-bpe"}, {"qwen2", "gpt2", "qwen2"}, {"smollm", "gpt2", "smollm"}, {"llama2", "llama", ""},
	} {
		want, err := FromHuggingFace(fileIn(t, "testdata", c.file+".tokenizer.json"))
		if err != nil {
			t.Fatal(err)
		}
		v := asGGUF(t, want, c.model, c.pre)
		if c.model == "llama" {
			v.Scores, v.Merges = scoresOf(len(v.Tokens)), nil
		}
		got, err := FromGGUF(v)
		if err != nil {
			t.Fatal(c, err)
		}
		for i := range got.entries { // which GGUF files do not have
			want.entries[i].rule = rule{}
		}
		want.controls, want.texts = got.controls, got.texts
		for _, text := range texts {
			if got, want := got.EncodeSpecial([]byte(text)), want.EncodeSpecial([]byte(text)); !slices.Equal(got, want) {
				t.Errorf("%v: %q gives %v, want %v", c, text, got, want)
			}
		}
		if got.BOS() != want.BOS() || got.EOS() != want.EOS() || got.AddsBOS() != want.AddsBOS() {
			t.Error(c, got.BOS(), got.EOS(), got.AddsBOS())
		}
	}
}

// Control tokens of a GGUF file are not recognised in users' text.
func TestGGUFControls(t *testing.T) {
	qwen, err := FromHuggingFace(fileIn(t, "testdata", "qwen2.tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	tok, err := FromGGUF(asGGUF(t, qwen, "gpt2", "qwen2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range []*Tokenizer{tok, qwen} {
		for name, isSpecial := range map[string]bool{"<|im_start|>": true, "<think>": false} {
			id, ok := tok.ID(name)
			if !ok || tok.IsSpecial(id) != isSpecial || tok.Token(id) != name {
				t.Fatal(name, id, ok)
			}
			if slices.Contains(tok.Encode([]byte("a"+name)), id) || string(tok.Decode(tok.Encode([]byte(name)))) != name {
				t.Errorf("%s in a text is a token for control", name)
			}
			if !slices.Contains(tok.EncodeSpecial([]byte("a"+name)), id) {
				t.Errorf("%s is not recognised on request", name)
			}
		}
	}
}

func TestRefusesGGUF(t *testing.T) {
	gpt2, err := FromHuggingFace(fileIn(t, "testdata", "gpt2.tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Vocabulary){
		"the vocabulary has no tokens":                     func(v *Vocabulary) { *v = Vocabulary{Model: "gpt2"} },
		"700 tokens and 699 token types":                   func(v *Vocabulary) { v.Types = v.Types[1:] },
		`the model "bert"; want gpt2 or llama`:             func(v *Vocabulary) { v.Model = "bert" },
		`the pre-tokenizer "mine" is not known; there are`: func(v *Vocabulary) { v.Pre = "mine" },
		`merge 1, "a": want two tokens`:                    func(v *Vocabulary) { v.Merges[1] = "a" },
		`merge 1, "a b c": want two tokens`:                func(v *Vocabulary) { v.Merges[1] = "a b c" },
		`merge 1, "a 天": "天" is not in the vocabulary`:     func(v *Vocabulary) { v.Merges[1] = "a 天" },
		"the bos token is 700; want 0 to 699":              func(v *Vocabulary) { v.BOS = 700 },
		"the bos token is 9, which is marked as unused":    func(v *Vocabulary) { v.BOS, v.Types[9], v.Merges = 9, ggufUnused, nil },
		"the eos token is -2; want 0 to 699":               func(v *Vocabulary) { v.EOS = -2 },
		`no token for byte 0x20 ("Ġ")`:                     func(v *Vocabulary) { v.Tokens[slices.Index(v.Tokens, "Ġ")], v.Merges = "?!", nil },
		"700 tokens and 0 scores":                          func(v *Vocabulary) { v.Model, v.Unknown = "llama", 0 },
		"neither a token for each byte":                    func(v *Vocabulary) { v.Model = "llama" },
	} {
		v := asGGUF(t, gpt2, "gpt2", "gpt-2")
		change(&v)
		if _, err := FromGGUF(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
