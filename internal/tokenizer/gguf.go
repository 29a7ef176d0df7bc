package tokenizer

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// A Vocabulary is the tokenizer in the metadata of a GGUF file, tokenizer.ggml.*.
type Vocabulary struct {
	Model  string    // "gpt2" for byte-level tokens, "llama" for SentencePiece
	Pre    string    // how text is split before merging, such as "llama-bpe"; empty as in GPT-2
	Tokens []string  // by id
	Scores []float32 // of "llama", by id
	Merges []string  // of "gpt2", two tokens separated by a space, best first
	Types  []int32   // by id; may be empty
	// BOS, EOS and Unknown are ids, or None.
	BOS, EOS, Unknown int32
	// AddBOS and AddEOS say whether the model expects BOS and EOS around a text.
	AddBOS, AddEOS bool
	// NoSpace says that "llama" adds no space before a text: add_space_prefix is false.
	NoSpace bool
}

// Token types in GGUF files.
const (
	ggufNormal  = 1
	ggufUnknown = 2
	ggufControl = 3
	ggufUser    = 4
	ggufUnused  = 5
	ggufByte    = 6
)

// ggufPatterns are the split patterns by their names in GGUF files.
var ggufPatterns = map[string]*pattern{
	"": gpt2, "default": gpt2, "gpt-2": gpt2, "gpt2": gpt2, "phi-2": gpt2, "mpt": gpt2, "olmo": gpt2, "jais": gpt2, "trillion": gpt2, "roberta-bpe": gpt2,
	"llama-bpe": llama3, "llama3": llama3, "llama-v3": llama3, "falcon3": llama3, "dbrx": llama3, "smaug-bpe": llama3,
	"qwen2": qwen2, "deepseek-r1-qwen": qwen2, "stablelm2": qwen2, "megrez": qwen2,
	"smollm": smollm, "starcoder": smollm, "refact": smollm, "command-r": smollm, "codeshell": smollm, "exaone": smollm,
}

// FromGGUF returns the tokenizer of a GGUF file.
func FromGGUF(v Vocabulary) (*Tokenizer, error) {
	if len(v.Tokens) > mostTokens {
		return nil, badinput.Errorf("the vocabulary has %d tokens; want at most %d", len(v.Tokens), mostTokens)
	}
	if len(v.Types) > 0 && len(v.Types) != len(v.Tokens) {
		return nil, badinput.Errorf("there are %d tokens and %d token types; want as many", len(v.Tokens), len(v.Types))
	}
	entries := make([]entry, len(v.Tokens))
	for id, name := range v.Tokens {
		entries[id] = v.entry(id, name)
	}
	t, err := newTokenizer(entries)
	if err != nil {
		return nil, err
	}
	for _, end := range []struct {
		what string
		id   int32
		at   *int32
	}{{"bos", v.BOS, &t.bos}, {"eos", v.EOS, &t.eos}, {"unknown", v.Unknown, &t.unknown}} {
		if end.id != None && !t.has(end.id) {
			return nil, badinput.Errorf("the %s token is %d; want 0 to %d", end.what, end.id, t.Size()-1)
		}
		if end.id != None && entries[end.id].kind == gap {
			return nil, badinput.Errorf("the %s token is %d, which is marked as unused", end.what, end.id)
		}
		*end.at = end.id
	}
	t.adds = ends{v.AddBOS, v.AddEOS}
	switch v.Model {
	case "gpt2":
		return t, v.bytes(t)
	case "llama":
		return t, v.pieces(t)
	}
	return nil, badinput.Errorf("the tokenizer is of the model %q; want gpt2 or llama", sayable(v.Model))
}

// entry returns a token of the vocabulary.
func (v Vocabulary) entry(id int, name string) entry {
	e := entry{name: name, bytes: name}
	if len(v.Types) == 0 {
		if _, ok := byteOf(name); ok && v.Model == "llama" {
			e.kind = fallback
		}
		return e
	}
	switch v.Types[id] {
	case ggufControl, ggufUnknown:
		e.kind = special
	case ggufUser:
		e.kind = kindOf(name, false)
	case ggufUnused:
		e.kind = gap
	case ggufByte:
		e.kind = fallback
	}
	return e
}

// bytes makes it a byte-level tokenizer.
func (v Vocabulary) bytes(t *Tokenizer) error {
	split, ok := ggufPatterns[v.Pre]
	if !ok {
		return badinput.Errorf("the pre-tokenizer %q is not known; there are %s", sayable(v.Pre), strings.Join(slices.Sorted(maps.Keys(ggufPatterns))[1:], ", "))
	}
	if len(v.Merges) > mostMerges {
		return badinput.Errorf("the vocabulary has %d merges; want at most %d", len(v.Merges), mostMerges)
	}
	t.nfc = split == qwen2
	for rank, text := range v.Merges {
		left, right, err := halves(text)
		if err == nil {
			err = t.merge(left, right, rank)
		}
		if err != nil {
			return badinput.Errorf("merge %d, %q: %w", rank, sayable(text), err)
		}
	}
	if err := t.ofBytes(split); err != nil {
		return err
	}
	if len(v.Merges) == 0 && slices.ContainsFunc(t.entries, func(e entry) bool { return e.kind == ordinary && utf8.RuneCountInString(e.name) > 1 }) {
		return badinput.Errorf("the tokenizer has tokens of several bytes, but no merges (tokenizer.ggml.merges), without which none of them would be used")
	}
	if split == llama3 {
		t.keepWhole()
	}
	return nil
}

// halves splits a merge at its space.
func halves(text string) (left, right string, err error) {
	left, right, ok := strings.Cut(text, " ")
	if !ok || left == "" || right == "" || strings.Contains(right, " ") {
		return "", "", badinput.Errorf("want two tokens with one space between them")
	}
	return left, right, nil
}

// pieces makes it a SentencePiece tokenizer.
func (v Vocabulary) pieces(t *Tokenizer) error {
	if err := t.ofPieces([]rune(mark)[0]); err != nil {
		return err
	}
	t.prefix = prefix{first: !v.NoSpace, every: !v.NoSpace, drop: !v.NoSpace}
	return t.mergeByScore(v.Scores)
}

// keepWhole encodes words that are tokens as such even if no merges lead there.
func (t *Tokenizer) keepWhole() {
	t.whole = make(map[string]int32, len(t.entries))
	for id, e := range t.entries {
		if e.kind == ordinary {
			t.whole[e.bytes] = int32(id)
		}
	}
}
