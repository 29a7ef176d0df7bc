// Package tokenizer turns text into the tokens of language models and back. It reads the
// tokenizers of Hugging Face, GGUF files, SentencePiece and llama2.c, and trains its own by
// byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909).
package tokenizer

import (
	"sync"
)

// None is the id of a missing token.
const None int32 = -1

// Limits of what is read.
const (
	mostTokens  = 1 << 20
	mostMerges  = 1 << 20
	longestName = 1 << 10 // bytes of an added token, and of one merged by score
	longestWord = 1 << 22 // bytes; a longer word is split, which bounds the memory of its merging
)

// kind is the kind of a token in encoding and decoding.
type kind uint8

const (
	ordinary kind = iota
	added         // recognised in any text
	markup        // written like <this>: recognised in text only on request, but shown in decoded text
	special       // recognised in text only on request, and not shown in decoded text
	fallback      // one byte of a character without a token
	gap           // an id without a token
)

// An entry is one token.
type entry struct {
	name  string // as the file spells it
	bytes string // the text that it stands for
	kind  kind
	rule  rule // of a token that is not ordinary
}

// A Tokenizer turns text into tokens and back. It is immutable and safe for concurrent use. Its
// methods never add BOS or EOS; [Tokenizer.AddsBOS] says whether the model expects it.
type Tokenizer struct {
	entries []entry
	ids     map[string]int32 // by name
	pairs   pairs
	bytes   [256]int32 // the token of each byte; None where there is none
	unknown int32

	// Of byte-level tokens.
	split *pattern
	nfc   bool
	whole map[string]int32 // words that are tokens although no merges lead to them

	// Of character-level tokens.
	pieces *pieces

	prefix   prefix
	texts    *trie // tokens recognised in any text
	controls *trie // all tokens recognised in text on request
	bos, eos int32
	adds     ends

	encoders *sync.Pool
}

// ends says whether the model expects BOS and EOS around a text.
type ends struct{ bos, eos bool }

// Size returns the number of ids; ids are 0 to Size()-1.
func (t *Tokenizer) Size() int { return len(t.entries) }

// ID returns the id of a token by its name, as its file spells it.
func (t *Tokenizer) ID(name string) (int32, bool) {
	id, ok := t.ids[name]
	return id, ok
}

// Token returns the name of a token, as its file spells it; empty if there is none.
func (t *Tokenizer) Token(id int32) string {
	if !t.has(id) {
		return ""
	}
	return t.entries[id].name
}

// IsSpecial reports whether a token is a control token, such as an end of text, which decoding
// leaves out.
func (t *Tokenizer) IsSpecial(id int32) bool { return t.has(id) && t.entries[id].kind == special }

func (t *Tokenizer) has(id int32) bool { return id >= 0 && int(id) < len(t.entries) }

// BOS returns the beginning-of-text token, or None.
func (t *Tokenizer) BOS() int32 { return t.bos }

// EOS returns the end-of-text token, or None.
func (t *Tokenizer) EOS() int32 { return t.eos }

// AddsBOS reports whether the model expects BOS before a text.
func (t *Tokenizer) AddsBOS() bool { return t.adds.bos && t.bos != None }

// AddsEOS reports whether the model expects EOS after a text.
func (t *Tokenizer) AddsEOS() bool { return t.adds.eos && t.eos != None }

// WithEnds returns the tokenizer with other BOS and EOS tokens, such as those in a model's
// configuration; None for none.
func (t *Tokenizer) WithEnds(bos, eos int32) *Tokenizer {
	other := *t
	other.bos, other.eos = None, None
	if t.has(bos) {
		other.bos = bos
	}
	if t.has(eos) {
		other.eos = eos
	}
	return &other
}

// Beginning returns the tokenizer of a model that expects a token before every text.
func (t *Tokenizer) Beginning(bos int32) *Tokenizer {
	other := t.WithEnds(bos, t.eos)
	other.adds.bos = true
	return other
}

// Encode returns the tokens of a text. Special tokens and markup are not recognised: a text
// that spells them is encoded as any other, so that it cannot control a model.
func (t *Tokenizer) Encode(text []byte) []int32 { return t.encode(text, t.texts) }

// EncodeSpecial is Encode with special tokens and markup recognised by name. It is for prompts
// written by programs, not users.
func (t *Tokenizer) EncodeSpecial(text []byte) []int32 { return t.encode(text, t.controls) }

func (t *Tokenizer) encode(text []byte, known *trie) []int32 {
	e := t.encoders.Get().(*encoder)
	defer t.encoders.Put(e)
	e.out = make([]int32, 0, len(text)/3+4)
	begin := true
	for len(text) > 0 {
		at, end, id := known.find(text)
		e.segment(t, text[:at], begin)
		if id == None {
			break
		}
		e.out = append(e.out, id)
		text, begin = text[end:], false
	}
	out := e.out
	e.out = nil
	return out
}

// Decode returns the text of tokens, without special tokens. Text encoded at byte level is restored
// exactly, unless the tokenizer normalises it. Invalid ids are ignored.
func (t *Tokenizer) Decode(ids []int32) []byte {
	var text []byte
	d := decoding{t: t}
	for _, id := range ids {
		text = d.append(text, id)
	}
	return text
}

// A decoding is the state of decoding.
type decoding struct {
	t     *Tokenizer
	begun bool // whether there was text
}

// append appends the text of a token.
func (d *decoding) append(text []byte, id int32) []byte {
	if !d.t.has(id) {
		return text
	}
	e := &d.t.entries[id]
	if e.kind == special || e.bytes == "" {
		return text
	}
	piece := e.bytes
	if !d.begun && d.t.prefix.drop && piece[0] == ' ' {
		piece = piece[1:]
	}
	d.begun = true
	return append(text, piece...)
}
