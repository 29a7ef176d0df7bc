package codec

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sync"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/tokenizer"
)

func init() {
	data.Codecs.Add("bpe", "texts of any kind, tokens of several bytes by byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909); learned from the data, or read from a tokenizer.json",
		func() data.Codec { return &BPE{Context: 128, Size: 1024} })
}

// The limits of a tokenizer's settings.
const (
	mostSize      = 1 << 16
	mostTokenizer = 64 << 20 // bytes of its file
	tokenizerFile = "tokenizer.json"
)

// BPE turns text into tokens of several bytes and back. An example is a window of the context and
// the next token. An end token precedes and follows every text.
type BPE struct {
	Context int    `help:"context length in tokens, 1 to 65536"`
	Size    int    `help:"size of the vocabulary that is learned from the data, 257 to 65536; smaller if no more pairs of tokens repeat"`
	File    string `help:"a tokenizer.json of Hugging Face with byte-pair encoding, used instead of learning; its contents are kept with the run"`
	Labels
	// Fitted is the tokenizer.json that was learned or read. It is not a setting.
	Fitted string `toml:"-" json:",omitempty"`

	opened opened
}

// opened is the tokenizer of a file.
type opened struct {
	mu        sync.Mutex
	text      string
	tokenizer *tokenizer.Tokenizer
}

// Check rejects settings outside their range.
func (c *BPE) Check() error {
	if c.Size < tokenizer.LeastSize || c.Size > mostSize {
		return registry.Unfit("size", fmt.Sprintf("want %d to %d tokens, got %d", tokenizer.LeastSize, mostSize, c.Size))
	}
	return checkContext(c.Context, "tokens")
}

// tokens returns the tokenizer, once there is one.
func (c *BPE) tokens() (*tokenizer.Tokenizer, error) {
	c.opened.mu.Lock()
	defer c.opened.mu.Unlock()
	if c.opened.tokenizer != nil && c.opened.text == c.Fitted {
		return c.opened.tokenizer, nil
	}
	if c.Fitted == "" {
		return nil, errors.New("bpe: there is no tokenizer yet: nothing was learned from the data")
	}
	t, err := tokenizer.FromHuggingFace([]byte(c.Fitted))
	if err == nil {
		c.opened.text, c.opened.tokenizer = c.Fitted, t
	}
	return t, err
}

// Tokenizer is what was learned or read; an error before.
func (c *BPE) Tokenizer() (*tokenizer.Tokenizer, error) { return c.tokens() }

// Load implements [data.Loading]: it reads the file.
func (c *BPE) Load() error {
	if c.File == "" || c.Fitted != "" {
		return nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return badinput.Mark(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostTokenizer+1))
	if err != nil {
		return badinput.Errorf("%s: %w", c.File, err)
	}
	if len(text) > mostTokenizer {
		return badinput.Errorf("%s has more than %d MiB: this is hardly a tokenizer", c.File, mostTokenizer>>20)
	}
	if err := c.recall(text); err != nil {
		return badinput.Errorf("%s: %w", c.File, err)
	}
	return nil
}

// recall restores a tokenizer.json.
func (c *BPE) recall(text []byte) error {
	c.Fitted = string(text)
	if _, err := c.tokens(); err != nil {
		c.Fitted = ""
		return err
	}
	return nil
}

// Fit implements [data.Streaming]: the tokens are learned from all Items, unless they are read
// from a file.
func (c *BPE) Fit(items iter.Seq2[data.Item, error]) error {
	if err := c.Load(); err != nil || c.Fitted != "" {
		return err
	}
	t, err := tokenizer.Train(func(yield func([]byte, error) bool) {
		for it, err := range items {
			if !yield(it.Bytes, err) {
				return
			}
		}
	}, c.Size)
	if err != nil {
		return err
	}
	text, err := t.JSON()
	c.Fitted = string(text)
	return err
}

// Learned implements [data.Learner].
func (c *BPE) Learned() (map[string][]byte, error) {
	if c.Fitted == "" {
		return nil, nil
	}
	return map[string][]byte{tokenizerFile: []byte(c.Fitted)}, nil
}

// Recall implements [data.Learner].
func (c *BPE) Recall(files map[string][]byte) error {
	text, ok := files[tokenizerFile]
	if !ok || len(files) > 1 {
		return fmt.Errorf("want %s and no other file, got %d", tokenizerFile, len(files))
	}
	if err := c.recall(text); err != nil {
		return fmt.Errorf("%s is damaged: %w", tokenizerFile, err)
	}
	return nil
}

// End implements [data.Ending]: the end-of-text token, or BOS for a tokenizer without one.
func (c *BPE) End() (int32, bool) {
	t, err := c.tokens()
	if err != nil {
		return 0, false
	}
	if t.EOS() != tokenizer.None {
		return t.EOS(), true
	}
	return max(t.BOS(), 0), t.BOS() != tokenizer.None
}

// Spec describes the encoding of texts.
func (c *BPE) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("bpe %w", err)
	}
	t, err := c.tokens()
	if err != nil {
		return data.Spec{}, err
	}
	end, _ := c.End()
	return labelled(data.Field{
		Name: data.Target, Kind: data.Tokens, Shape: []int{c.Context + 1}, Vocabulary: t.Size(), Begin: end,
	}, classes), nil
}

// Tokens implements [data.Streaming].
func (c *BPE) Tokens(it data.Item) ([]int32, error) {
	t, err := c.tokens()
	if err != nil {
		return nil, err
	}
	return t.Encode(it.Bytes), nil
}

// Encode writes a text of the size of an example, and its label.
func (c *BPE) Encode(ex data.Example, b *data.Batch, at int) error {
	return encodeText(c, "tokens", ex, b, at)
}

// Decode returns the text of the target, of any length. The token between two texts is shown by
// name.
func (c *BPE) Decode(b *data.Batch, at int) (data.Item, error) {
	t, err := c.tokens()
	if err != nil {
		return data.Item{}, err
	}
	tokens, label, err := tokensOf(b, at, t.Size())
	if err != nil {
		return data.Item{}, err
	}
	return data.Item{MediaType: textType, Bytes: c.shown(t, tokens), Label: label}, nil
}

// shown is the text of tokens, with the name of the end between two texts.
func (c *BPE) shown(t *tokenizer.Tokenizer, tokens []int32) (text []byte) {
	end, ends := c.End()
	for ends && len(tokens) > 0 && tokens[0] == end {
		tokens = tokens[1:]
	}
	for ends && len(tokens) > 0 && tokens[len(tokens)-1] == end {
		tokens = tokens[:len(tokens)-1]
	}
	for {
		at := slices.Index(tokens, end)
		if !ends || at < 0 {
			return append(text, t.Decode(tokens)...)
		}
		text = append(append(text, t.Decode(tokens[:at])...), t.Token(end)...)
		tokens = tokens[at+1:]
	}
}

// MediaType implements [data.Codec].
func (*BPE) MediaType() string { return textType }
