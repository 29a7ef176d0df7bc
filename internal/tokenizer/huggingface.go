package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"atelier/internal/badinput"
)

// Limits of a tokenizer.json, which bound the memory of reading it.
const (
	mostJSON   = 64 << 20
	mostCommas = 2*mostMerges + 2*mostTokens
)

// A file is the contents of a tokenizer.json.
type file struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    *step           `json:"normalizer"`
	PreTokenizer  *step           `json:"pre_tokenizer"`
	PostProcessor *template       `json:"post_processor"`
	Decoder       *step           `json:"decoder"`
	Model         *bpe            `json:"model"`
}

type addedToken struct {
	ID         int64  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// A bpe is the model of byte-pair encoding.
type bpe struct {
	Type         string           `json:"type"`
	Dropout      *float64         `json:"dropout"`
	Unknown      *string          `json:"unk_token"`
	Prefix       *string          `json:"continuing_subword_prefix"`
	Suffix       *string          `json:"end_of_word_suffix"`
	Fuse         bool             `json:"fuse_unk"`
	ByteFallback bool             `json:"byte_fallback"`
	IgnoreMerges bool             `json:"ignore_merges"`
	Vocabulary   map[string]int64 `json:"vocab"`
	Merges       merges           `json:"merges"`
}

// merges are pairs of tokens, which files write as texts with a space or as lists of two.
type merges [][2]string

// UnmarshalJSON accepts both forms.
func (m *merges) UnmarshalJSON(text []byte) error {
	if inner := bytes.TrimLeft(text, "[ \t\r\n"); len(inner) == 0 || inner[0] != '"' || bytes.Count(text[:len(text)-len(inner)], []byte{'['}) != 1 {
		var lists [][]string
		if err := json.Unmarshal(text, &lists); err != nil {
			return errors.New("the merges are neither texts nor lists of two texts")
		}
		for i, l := range lists {
			if len(l) != 2 {
				return badinput.Errorf("merge %d has %d parts; want 2", i, len(l))
			}
			*m = append(*m, [2]string(l))
		}
		return nil
	}
	var lines []string
	if err := json.Unmarshal(text, &lines); err != nil {
		return errors.New("the merges are neither texts nor lists of two texts")
	}
	for i, line := range lines {
		left, right, err := halves(line)
		if err != nil {
			return badinput.Errorf("merge %d, %q: %w", i, sayable(line), err)
		}
		*m = append(*m, [2]string{left, right})
	}
	return nil
}

// FromHuggingFace returns the tokenizer in a tokenizer.json: byte-level byte-pair encoding, split
// as in GPT-2, Llama 3 or Qwen 2, or character-level as in Llama 2. Anything else is an error. If
// BOS and EOS are not given, they are guessed by their usual names.
func FromHuggingFace(text []byte) (*Tokenizer, error) {
	t, err := fromHuggingFace(text)
	return t, badinput.Mark(err)
}

func fromHuggingFace(text []byte) (*Tokenizer, error) {
	if len(text) > mostJSON {
		return nil, badinput.Errorf("the tokenizer has %d bytes; want at most %d", len(text), mostJSON)
	}
	if n := bytes.Count(text, []byte{','}); n > mostCommas {
		return nil, badinput.Errorf("the tokenizer has more than %d tokens or %d merges", mostTokens, mostMerges)
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, badinput.Errorf("not a tokenizer.json: %w", badinput.JSON(err))
	}
	if f.Model == nil {
		return nil, badinput.Errorf("not a tokenizer.json: it has no model")
	}
	if err := onlyKnown(text); err != nil {
		return nil, err
	}
	if err := f.Model.check(); err != nil {
		return nil, err
	}
	entries, err := f.entries()
	if err != nil {
		return nil, err
	}
	t, err := newTokenizer(entries)
	if err != nil {
		return nil, err
	}
	if f.Model.Unknown != nil {
		id, ok := t.ID(*f.Model.Unknown)
		if !ok {
			return nil, badinput.Errorf("the unknown token %q is not in the vocabulary", sayable(*f.Model.Unknown))
		}
		t.unknown = id
	}
	for rank, pair := range f.Model.Merges {
		if err := t.merge(pair[0], pair[1], rank); err != nil {
			return nil, badinput.Errorf("merge %d, %q and %q: %w", rank, sayable(pair[0]), sayable(pair[1]), err)
		}
	}
	if err := f.pipeline(t); err != nil {
		return nil, err
	}
	t.guessEnds()
	return t, f.PostProcessor.ends(t)
}

// check rejects unsupported models.
func (m *bpe) check() error {
	switch {
	case m.Type != "BPE" && m.Type != "":
		return badinput.Errorf("the tokenizer's model is %q; only BPE can be read", sayable(m.Type))
	case m.Dropout != nil && *m.Dropout != 0:
		return badinput.Errorf("the tokenizer drops merges at random (dropout %g), which cannot be repeated", *m.Dropout)
	case m.Prefix != nil && *m.Prefix != "":
		return badinput.Errorf("the tokenizer marks the parts of words with continuing_subword_prefix %q, which cannot be read", sayable(*m.Prefix))
	case m.Suffix != nil && *m.Suffix != "":
		return badinput.Errorf("the tokenizer marks the ends of words with end_of_word_suffix %q, which cannot be read", sayable(*m.Suffix))
	case len(m.Merges) > mostMerges:
		return badinput.Errorf("the tokenizer has %d merges; want at most %d", len(m.Merges), mostMerges)
	}
	return nil
}

// entries returns the tokens of the vocabulary and the added ones, by id.
func (f *file) entries() ([]entry, error) {
	size := int64(0)
	note := func(name string, id int64) error {
		if id < 0 || id >= mostTokens {
			return badinput.Errorf("token %q has id %d; want 0 to %d", sayable(name), id, mostTokens-1)
		}
		size = max(size, id+1)
		return nil
	}
	names := make([]string, 0, len(f.Model.Vocabulary))
	for name := range f.Model.Vocabulary {
		names = append(names, name)
	}
	slices.Sort(names) // so that the first of several errors is always the same
	for _, name := range names {
		if err := note(name, f.Model.Vocabulary[name]); err != nil {
			return nil, err
		}
	}
	for _, a := range f.AddedTokens {
		if err := note(a.Content, a.ID); err != nil {
			return nil, err
		}
	}
	entries := make([]entry, size)
	for i := range entries {
		entries[i].kind = gap
	}
	for _, name := range names {
		e := &entries[f.Model.Vocabulary[name]]
		if e.kind != gap {
			return nil, badinput.Errorf("tokens %q and %q have the same id %d", sayable(e.name), sayable(name), f.Model.Vocabulary[name])
		}
		*e = entry{name: name, bytes: name}
		if _, ok := byteOf(name); ok && f.Model.ByteFallback {
			e.kind = fallback
		}
	}
	return entries, f.add(entries)
}

// add puts the added tokens to the others.
func (f *file) add(entries []entry) error {
	for _, a := range f.AddedTokens {
		e := &entries[a.ID]
		switch id, ok := f.Model.Vocabulary[a.Content]; {
		case a.Content == "":
			return badinput.Errorf("the added token %d is empty", a.ID)
		case ok && id != a.ID:
			return badinput.Errorf("the added token %q has id %d, but %d in the vocabulary", sayable(a.Content), a.ID, id)
		case e.kind != gap && e.name != a.Content:
			return badinput.Errorf("tokens %q and %q have the same id %d", sayable(e.name), sayable(a.Content), a.ID)
		}
		*e = entry{name: a.Content, bytes: a.Content, kind: kindOf(a.Content, a.Special), rule: rule{a.SingleWord, a.LStrip, a.RStrip}}
	}
	return nil
}

// guessEnds finds BOS and EOS by their usual names.
func (t *Tokenizer) guessEnds() {
	t.bos = t.named("<|begin_of_text|>", "<s>", "<bos>")
	t.eos = t.named("<|end_of_text|>", "</s>", "<eos>", "<|endoftext|>")
}

// named returns the first of these special tokens that exists, or None.
func (t *Tokenizer) named(names ...string) int32 {
	for _, name := range names {
		if id, ok := t.ids[name]; ok && t.entries[id].kind == special {
			return id
		}
	}
	return None
}
