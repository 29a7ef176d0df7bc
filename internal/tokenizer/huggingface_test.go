package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// changed is a small tokenizer.json after a change.
func changed(t testing.TB, change func(f map[string]any)) []byte {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal(fileIn(t, "testdata", "gpt2.tokenizer.json"), &f); err != nil {
		t.Fatal(err)
	}
	change(f)
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What cannot be read is refused in one line that says why.
func TestRefusesHuggingFace(t *testing.T) {
	type m = map[string]any
	model := func(f m) m { return f["model"].(m) }
	vocabulary := func(f m) m { return model(f)["vocab"].(m) }
	split := func(regex string) m {
		return m{"type": "Sequence", "pretokenizers": []m{
			{"type": "Split", "pattern": m{"Regex": regex}, "behavior": "Isolated", "invert": false},
			{"type": "ByteLevel", "use_regex": false, "add_prefix_space": false}}}
	}
	for want, change := range map[string]func(f m){
		`the tokenizer's model is "Unigram"; only BPE`: func(f m) { model(f)["type"] = "Unigram" },
		"it has no model":                                                func(f m) { delete(f, "model") },
		"the vocabulary has no tokens":                                   func(f m) { f["model"], f["added_tokens"] = m{"type": "BPE"}, nil },
		`token "the" has id -1; want 0 to 1048575`:                       func(f m) { vocabulary(f)["the"] = -1 },
		`token "the" has id 999999999999; want 0 to`:                     func(f m) { vocabulary(f)["the"] = 999999999999 },
		"the key \"model.vocab\" is the number 1.5; want a whole number": func(f m) { vocabulary(f)["the"] = 1.5 },
		`have the same id 5`:                                             func(f m) { vocabulary(f)["newest"] = 5 },
		`merge 1, "a": want two tokens with one space`:                   func(f m) { model(f)["merges"] = []string{"Ġ t", "a"} },
		`merge 0, " a": want two tokens`:                                 func(f m) { model(f)["merges"] = []string{" a"} },
		`merge 0 has 3 parts; want 2`:                                    func(f m) { model(f)["merges"] = [][]string{{"a", "b", "c"}} },
		`merge 0, "" and "a": one part is empty`:                         func(f m) { model(f)["merges"] = [][]string{{"", "a"}} },
		"the merges are neither texts nor lists":                         func(f m) { model(f)["merges"] = []int{1} },
		`"<|endoftext|>" is a special token`: func(f m) {
			vocabulary(f)["<|endoftext|"] = 900
			model(f)["merges"] = []string{"<|endoftext| >"}
		},
		`merge 0, "Q" and "Q": "QQ" is not in the vocabulary`:          func(f m) { model(f)["merges"] = []string{"Q Q"} },
		"drops merges at random (dropout 0.1)":                         func(f m) { model(f)["dropout"] = 0.1 },
		`end_of_word_suffix "</w>"`:                                    func(f m) { model(f)["end_of_word_suffix"] = "</w>" },
		`continuing_subword_prefix "##"`:                               func(f m) { model(f)["continuing_subword_prefix"] = "##" },
		`the unknown token "[UNK]" is not in`:                          func(f m) { model(f)["unk_token"] = "[UNK]" },
		`the normalizer "Lowercase" of the tokenizer is not known`:     func(f m) { f["normalizer"] = m{"type": "Lowercase"} },
		`the pre-tokenizer "Whitespace" of the tokenizer is not known`: func(f m) { f["pre_tokenizer"] = m{"type": "Whitespace"} },
		`the pre-tokenizer "Split \\w+" of the tokenizer is not known`: func(f m) { f["pre_tokenizer"] = split(`\w+`) },
		`the decoder "WordPiece" of the tokenizer is not known`:        func(f m) { f["decoder"] = m{"type": "WordPiece"} },
		`the post-processor "BertProcessing" of the tokenizer`:         func(f m) { f["post_processor"] = m{"type": "BertProcessing", "sep": []any{"x", 1}} },
		`neither one of bytes (ByteLevel) nor`:                         func(f m) { f["pre_tokenizer"] = nil },
		`the tokenizer has the key "casing", which`:                    func(f m) { f["casing"] = "lower" },
		`the tokenizer has the key "model.casing", `:                   func(f m) { model(f)["casing"] = true },
		`the added token 0 is empty`:                                   func(f m) { f["added_tokens"] = []m{{"id": 0, "content": ""}} },
		`tokens "<|endoftext|>" and "other" have the same id 0`:        func(f m) { f["added_tokens"] = []m{{"id": 0, "content": "other"}} },
		`the added token "!" has id 900, but`:                          func(f m) { f["added_tokens"] = []m{{"id": 900, "content": "!"}} },
		`token "x" has id -3; want`:                                    func(f m) { f["added_tokens"] = []m{{"id": -3, "content": "x"}} },
		"has 1025 bytes; want at most 1024":                            func(f m) { f["added_tokens"] = []m{{"id": 900, "content": strings.Repeat("x", 1025)}} },
		`has no token for byte 0x20 ("Ġ"), nor for unknown ones`:       func(f m) { delete(vocabulary(f), "Ġ"); model(f)["merges"] = nil },
	} {
		_, err := FromHuggingFace(changed(t, change))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, text := range []string{"", "{}", "null", "[]", "\x00\x01", `{"model":`, `{"model":null}`, strings.Repeat("[", 20000)} {
		if _, err := FromHuggingFace([]byte(text)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// A file that is too large is refused before it is read.
func TestRefusesLargeFiles(t *testing.T) {
	for want, file := range map[string][]byte{
		"has 67108865 bytes; want at most 67108864":  make([]byte, mostJSON+1),
		"more than 1048576 tokens or 1048576 merges": bytes.Repeat([]byte{','}, mostCommas+1),
	} {
		if _, err := FromHuggingFace(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Ids without a token are left out of texts.
func TestGaps(t *testing.T) {
	tok, err := FromHuggingFace(changed(t, func(f map[string]any) {
		f["added_tokens"] = append(f["added_tokens"].([]any), map[string]any{"id": 750, "content": "<x>", "special": true})
	}))
	if err != nil || tok.Size() != 751 || tok.Token(720) != "" || tok.Token(-1) != "" || tok.Token(751) != "" {
		t.Fatal(tok.Size(), err)
	}
	if got := tok.Decode([]int32{720, -5, 1 << 30, 750}); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if id, ok := tok.ID("<x>"); !ok || id != 750 || !tok.IsSpecial(750) || tok.IsSpecial(-1) || tok.IsSpecial(751) {
		t.Error(id, ok)
	}
	other := tok.WithEnds(750, 9999)
	if other.BOS() != 750 || other.EOS() != None || tok.BOS() == 750 {
		t.Error(other.BOS(), other.EOS())
	}
}

// FuzzHuggingFace reads any bytes, and encodes with what it can read.
func FuzzHuggingFace(f *testing.F) {
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"<unk>":0,"a":1,"▁":2,"▁a":3},"merges":["▁ a"],"unk_token":"<unk>"},"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"}}`), "a a")
	for _, name := range []string{"prefixed", "unknown"} {
		f.Add(fileIn(f, "testdata", name+".tokenizer.json"), "Hello <|im_start|> 天")
	}
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		if tok, err := FromHuggingFace(file); err == nil {
			use(t, tok, text)
		}
	})
}

// use encodes and decodes a text in every way.
func use(t *testing.T, tok *Tokenizer, text string) {
	s := tok.Stream()
	for _, id := range append(tok.Encode([]byte(text)), tok.EncodeSpecial([]byte(text))...) {
		if id < 0 || int(id) >= tok.Size() {
			t.Fatal("token", id, "of", tok.Size())
		}
		s.Next(id)
		_ = fmt.Sprint(tok.Token(id), tok.IsSpecial(id))
	}
	s.Flush()
	for _, id := range tok.Encode([]byte(text)) {
		if tok.IsSpecial(id) && id != tok.unknown {
			t.Fatalf("%q gives the special token %d", text, id)
		}
	}
	if file, err := tok.JSON(); err == nil {
		if _, err := FromHuggingFace(file); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	}
}

// FuzzSentencePiece reads any bytes as a model of SentencePiece.
func FuzzSentencePiece(f *testing.F) {
	whole := spFile(stories(f), spBPE, identity)
	f.Add(whole, "Once upon")
	f.Add(whole[len(whole)-200:], "a")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		if tok, err := FromSentencePiece(file); err == nil {
			use(t, tok, text)
		}
	})
}

// FuzzLlama2C reads any bytes as a file of llama2.c.
func FuzzLlama2C(f *testing.F) {
	f.Add(fileIn(f, "testdata", "tok512.bin"), "Once upon")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		if tok, err := FromLlama2C(file, 0); err == nil {
			use(t, tok, text)
		}
	})
}

// FuzzGGUF takes any vocabulary; its parts are separated by line ends.
func FuzzGGUF(f *testing.F) {
	f.Add("gpt2", "qwen2", "a\nb\nab", "a b", []byte{1, 1, 3}, "ab")
	f.Add("llama", "", "<unk>\na\n▁\n▁a", "", []byte{2, 1, 1, 4}, "a a")
	f.Fuzz(func(t *testing.T, model, pre, tokens, merges string, types []byte, text string) {
		v := Vocabulary{Model: model, Pre: pre, Tokens: strings.Split(tokens, "\n"), Merges: strings.Split(merges, "\n"), BOS: None, EOS: None}
		for i, b := range types {
			v.Types, v.Scores = append(v.Types, int32(b)), append(v.Scores, float32(i%7))
		}
		if tok, err := FromGGUF(v); err == nil {
			use(t, tok, text)
		}
	})
}
