package run

import (
	"bytes"
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/family"
)

// The samples that a run of a language model shows of itself: the seeds 0 and 1,
// without a prompt.
const (
	textSamples = 2
	textLength  = 500 // tokens
)

// TextRule stands between texts that are in one file.
const TextRule = "\n\n----\n\n"

// texts writes what the model writes now, samples-NNNNNN.txt.
func (t *trainer) texts(ctx context.Context, m family.Writing) error {
	w, err := m.Writer(t.studio.Backend, t.store)
	if err != nil {
		return err
	}
	var all [][]byte
	for _, seed := range Seeds(0, textSamples) {
		var tokens []int32
		for token, err := range w.Write(context.WithoutCancel(ctx), seed, nil, family.Plain) {
			if err != nil {
				return err
			}
			if tokens = append(tokens, token); len(tokens) == textLength {
				break
			}
		}
		text, err := textOf(t.config.Codec.Value, t.data.train.Spec(), tokens)
		if err != nil {
			return err
		}
		all = append(all, text)
	}
	return durable.WriteFile(t.dir.Path(fmt.Sprintf("samples-%06d.txt", t.loop.Step)), bytes.Join(all, []byte(TextRule)))
}

// realTexts writes examples of what the model learns from, reals.txt.
func (t *trainer) realTexts() error {
	b, err := t.data.reals(data.Train, 4*textSamples, 0)
	if err != nil {
		return err
	}
	var all [][]byte
	for i := range b.N {
		item, err := t.config.Codec.Value.Decode(b, i)
		if err != nil {
			return err
		}
		all = append(all, item.Bytes)
	}
	return durable.WriteFile(t.dir.Path("reals.txt"), bytes.Join(all, []byte(TextRule)))
}

// Tokens returns the tokens of a text, for a run that learned from texts. The error
// names what the run has no token for.
func (r *Run) Tokens(text string) ([]int32, error) {
	c, ok := r.Config.Codec.Value.(data.Streaming)
	if !ok {
		return nil, badinput.Errorf("run %s learned no texts", r.Dir.Name())
	}
	return c.Tokens(data.Item{Name: "text", Bytes: []byte(text)})
}

// Text returns the text of tokens.
func (r *Run) Text(tokens []int32) ([]byte, error) {
	return textOf(r.Config.Codec.Value, r.Spec, tokens)
}

// textOf is the text of any number of tokens.
func textOf(codec data.Codec, spec data.Spec, tokens []int32) ([]byte, error) {
	f := spec.Target()
	f.Shape = []int{len(tokens)}
	b := &data.Batch{N: 1, Columns: []data.Column{{Field: f, Ints: tokens}}}
	item, err := codec.Decode(b, 0)
	return item.Bytes, err
}
