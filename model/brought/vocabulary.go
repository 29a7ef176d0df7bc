package brought

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"atelier/internal/gguf"
	"atelier/internal/tokenizer"
)

// Keys of the tokenizer in a GGUF file.
const (
	tokenizerKeys = "tokenizer.ggml."
	keyTemplate   = "tokenizer.chat_template"
	keyModel      = tokenizerKeys + "model"
	keyPre        = tokenizerKeys + "pre"
	keyTokens     = tokenizerKeys + "tokens"
	keyScores     = tokenizerKeys + "scores"
	keyTypes      = tokenizerKeys + "token_type"
	keyMerges     = tokenizerKeys + "merges"
	keyBOS        = tokenizerKeys + "bos_token_id"
	keyEOS        = tokenizerKeys + "eos_token_id"
	keyEOT        = tokenizerKeys + "eot_token_id"
	keyUnknown    = tokenizerKeys + "unknown_token_id"
	keyAddBOS     = tokenizerKeys + "add_bos_token"
	keyAddEOS     = tokenizerKeys + "add_eos_token"
	keyAddSpace   = tokenizerKeys + "add_space_prefix"
)

// Token types in GGUF files.
const (
	tokenNormal  = 1
	tokenUnknown = 2
	tokenControl = 3
	tokenByte    = 6
)

// vocabulary reads the tokens of a GGUF file.
func (k *keys) vocabulary() (v tokenizer.Vocabulary) {
	v.Model, v.Pre = k.text(keyModel), k.text(keyPre)
	if v.Model == "" {
		k.fail("the file has no tokenizer: the metadata has no %s", keyModel)
	}
	v.BOS, v.EOS, v.Unknown = k.token(keyBOS), k.token(keyEOS), k.token(keyUnknown)
	v.AddBOS, v.AddEOS = k.truth(keyAddBOS, addsBOS(&v)), k.truth(keyAddEOS, false)
	v.NoSpace = !k.truth(keyAddSpace, true)
	v.Tokens = list(k, keyTokens, gguf.Array.Strings)
	v.Scores = list(k, keyScores, gguf.Array.Floats)
	v.Types = list(k, keyTypes, gguf.Array.Ints)
	v.Merges = list(k, keyMerges, gguf.Array.Strings)
	if k.err == nil && len(v.Tokens) == 0 {
		k.fail("the tokenizer has no tokens")
	}
	return v
}

// addsBOS is whether a model expects BOS if its file does not say.
func addsBOS(v *tokenizer.Vocabulary) bool { return v.Model == "llama" || v.Pre == "llama-bpe" }

// token returns the id of a token.
func (k *keys) token(key string) int32 { return int32(k.integer(key, int(tokenizer.None))) }

// list reads an optional array.
func list[T any](k *keys, key string, read func(gguf.Array) ([]T, error)) []T {
	switch value := k.file.Value(key).(type) {
	case nil:
		return nil
	case gguf.Array:
		out, err := read(value)
		if err != nil {
			k.fail("%s: %w", key, err)
		}
		return out
	}
	k.fail("%s is no array", key)
	return nil
}

// truth returns a boolean, otherwise if the key is missing.
func (k *keys) truth(key string, otherwise bool) bool {
	switch v := k.file.Value(key).(type) {
	case nil:
	case bool:
		return v
	default:
		k.fail("the value of %s is neither true nor false", key)
	}
	return otherwise
}

// tokenizerPairs are the metadata of a tokenizer, without default values.
func tokenizerPairs(v *tokenizer.Vocabulary) []gguf.Pair {
	pairs := []gguf.Pair{{Key: keyModel, Value: v.Model}}
	if v.Pre != "" {
		pairs = append(pairs, gguf.Pair{Key: keyPre, Value: v.Pre})
	}
	pairs = append(pairs, gguf.Pair{Key: keyTokens, Value: gguf.StringArray(v.Tokens)})
	if v.Scores != nil {
		pairs = append(pairs, gguf.Pair{Key: keyScores, Value: gguf.FloatArray(v.Scores)})
	}
	if v.Types != nil {
		pairs = append(pairs, gguf.Pair{Key: keyTypes, Value: gguf.IntArray(v.Types)})
	}
	if v.Merges != nil {
		pairs = append(pairs, gguf.Pair{Key: keyMerges, Value: gguf.StringArray(v.Merges)})
	}
	for _, end := range []struct {
		key string
		id  int32
	}{{keyBOS, v.BOS}, {keyEOS, v.EOS}, {keyUnknown, v.Unknown}} {
		if end.id != tokenizer.None {
			pairs = append(pairs, gguf.Pair{Key: end.key, Value: uint32(end.id)})
		}
	}
	if v.AddBOS != addsBOS(v) {
		pairs = append(pairs, gguf.Pair{Key: keyAddBOS, Value: v.AddBOS})
	}
	if v.AddEOS {
		pairs = append(pairs, gguf.Pair{Key: keyAddEOS, Value: true})
	}
	if v.NoSpace {
		pairs = append(pairs, gguf.Pair{Key: keyAddSpace, Value: false})
	}
	return pairs
}

// vocabularyOfLlama2C reads a llama2.c tokenizer file: the length of the longest token, then score,
// length and bytes of each token.
func vocabularyOfLlama2C(file []byte, size int) (v tokenizer.Vocabulary, err error) {
	v = tokenizer.Vocabulary{Model: "llama", BOS: 1, EOS: 2, Unknown: 0, AddBOS: true}
	if len(file) < 4 || size > len(file)/8 {
		return v, fmt.Errorf("%d bytes are too few for %d tokens", len(file), size)
	}
	rest := file[4:]
	for range size {
		if len(rest) < 8 {
			return v, errors.New("the file is truncated")
		}
		score, n := math.Float32frombits(binary.LittleEndian.Uint32(rest)), binary.LittleEndian.Uint32(rest[4:])
		if rest = rest[8:]; uint64(n) > uint64(len(rest)) {
			return v, errors.New("the file is truncated")
		}
		v.Tokens, v.Scores = append(v.Tokens, string(rest[:n])), append(v.Scores, score)
		rest = rest[n:]
	}
	nameTokens(&v)
	return v, nil
}

// nameTokens gives llama2.c tokens the names and types that SentencePiece gives them.
func nameTokens(v *tokenizer.Vocabulary) {
	v.Types = make([]int32, len(v.Tokens))
	for i, s := range v.Tokens {
		switch {
		case i < 3:
			v.Tokens[i], v.Types[i] = strings.TrimSpace(s), tokenControl
		case i < 3+256 && s == fmt.Sprintf("<0x%02X>", i-3):
			v.Types[i] = tokenByte
		default:
			v.Tokens[i], v.Types[i] = strings.ReplaceAll(s, " ", "▁"), tokenNormal
		}
	}
	v.Types[0] = tokenUnknown
}

// setLlama2C makes the tokenizer of a llama2.c file.
func (o *Opened) setLlama2C(file []byte) (err error) {
	if o.Tokenizer, err = tokenizer.FromLlama2C(file, o.Config.Vocabulary); err != nil {
		return err
	}
	v, err := vocabularyOfLlama2C(file, o.Config.Vocabulary)
	o.vocabulary, o.Ends = &v, []int32{v.EOS}
	return err
}

// setGGUF makes the tokenizer of a GGUF file.
func (o *Opened) setGGUF(k *keys) (err error) {
	v := k.vocabulary()
	o.Template = k.text(keyTemplate)
	if k.err != nil {
		return k.err
	}
	o.vocabulary = &v
	if o.Tokenizer, err = tokenizer.FromGGUF(v); err != nil {
		return err
	}
	for _, id := range []int32{v.EOS, k.token(keyEOT)} {
		if id != tokenizer.None {
			o.Ends = append(o.Ends, id)
		}
	}
	return k.err
}
