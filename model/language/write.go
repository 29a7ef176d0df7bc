package language

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"atelier/internal/noise"
)

// TokenNoise is the key of the random numbers for token sampling.
const TokenNoise = 4

// A Start is a text to be continued.
type Start struct {
	Prompt []int32 // at least one token
	Seed   uint64
	// Constraint restricts the text; nil for none.
	Constraint Constraint
}

// A Token is a token of a text that is being written.
type Token struct {
	ID             int32
	LogProbability float64 // natural, under the model's own distribution; 0 if not requested
}

// A Writer continues texts.
type Writer struct {
	*Model
	Sampling
	// Slide drops the earlier half of a text that fills the context, and continues; otherwise the
	// text ends there.
	Slide bool
	// Control is the number of control tokens at the end of the vocabulary, which are read but
	// never written.
	Control int
	// Kept is the number of tokens at the beginning of a text that stay when the text slides.
	Kept int
	// LogProbabilities requests those of the tokens.
	LogProbabilities bool
}

// Write continues several texts at once, token by token. Each token is passed to emit, which
// returns false when the text with that index is complete; Write returns when all are, or when the
// context is full for those that are not. Each text depends only on its prompt, its seed and the
// sampling settings, not on the other texts.
func (w *Writer) Write(ctx context.Context, starts []Start, emit func(text int, t Token) (more bool, err error)) error {
	live, err := w.begin(ctx, starts)
	for err == nil && len(live) > 0 {
		if live, err = w.step(live, emit); err == nil && len(live) > 0 {
			live, err = w.read(ctx, live)
		}
	}
	return err
}

// A continued text is not yet complete.
type continued struct {
	index   int
	text    *Text
	tokens  []int32 // all
	logits  []float32
	sampler *tokenSampler
}

// begin reads the prompts; equal ones are read once.
func (w *Writer) begin(ctx context.Context, starts []Start) ([]*continued, error) {
	var all []*continued
	for i, s := range starts {
		if len(s.Prompt) == 0 {
			return nil, fmt.Errorf("text %d has an empty prompt", i)
		}
		c := &continued{index: i, tokens: slices.Clone(s.Prompt), logits: make([]float32, w.Vocabulary)}
		c.sampler = newTokenSampler(w.Sampling, w.kernels, noise.Stream(s.Seed, TokenNoise), w.Vocabulary)
		c.sampler.constraint = s.Constraint
		c.sampler.read(s.Prompt, false)
		if k := slices.IndexFunc(starts[:i], func(o Start) bool { return slices.Equal(o.Prompt, s.Prompt) }); k >= 0 {
			c.text = all[k].text.Clone()
			copy(c.logits, all[k].logits)
		} else {
			c.text = w.NewText()
			seen := s.Prompt
			if n := len(seen); n > w.Context {
				if !w.Slide {
					return nil, errTooLong(w.Context, n)
				}
				seen = w.window(seen)
			}
			if err := w.Read(ctx, Reading{Text: c.text, Tokens: seen, Logits: c.logits}); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// step samples the next token of every text, and returns the texts that continue.
func (w *Writer) step(live []*continued, emit func(int, Token) (bool, error)) ([]*continued, error) {
	var on []*continued
	for _, c := range live {
		logits := c.logits[:w.Vocabulary-w.Control]
		if !finite(logits) {
			return nil, errNotFinite
		}
		id, ok := c.sampler.sample(logits)
		if !ok {
			continue
		}
		token := Token{ID: id}
		if w.LogProbabilities {
			token.LogProbability = logProbability(logits, id)
		}
		more, err := emit(c.index, token)
		if err != nil {
			return nil, err
		}
		c.tokens = append(c.tokens, id)
		c.sampler.read(c.tokens[len(c.tokens)-1:], true)
		if k := c.sampler.constraint; k != nil {
			k.Accept(id)
			more = more && !k.Done()
		}
		if more {
			on = append(on, c)
		}
	}
	return on, nil
}

var errNotFinite = errors.New("the model's logits are not finite: its weights are damaged, or too large for it")

// finite reports whether all logits are finite.
func finite(logits []float32) bool {
	for _, l := range logits {
		if l-l != 0 { // NaN if it is infinite or NaN
			return false
		}
	}
	return true
}

// read reads the last token of every text, and returns the texts that had room for it.
func (w *Writer) read(ctx context.Context, live []*continued) ([]*continued, error) {
	var parts []Reading
	var on []*continued
	for _, c := range live {
		next := c.tokens[len(c.tokens)-1:]
		if c.text.Len() == w.Context {
			if !w.Slide {
				continue
			}
			c.text = w.NewText()
			next = w.window(c.tokens)
		}
		parts, on = append(parts, Reading{Text: c.text, Tokens: next, Logits: c.logits}), append(on, c)
	}
	return on, w.Read(ctx, parts...)
}

// window is the part of a text that is read if it does not fit into the context.
func (w *Writer) window(tokens []int32) []int32 {
	kept, rest := tokens[:w.Kept:w.Kept], tokens[w.Kept:]
	return append(kept, rest[beginOf(len(rest), w.Context-w.Kept):]...)
}

// beginOf is the start of the context for a text of n tokens. When the context is full, its earlier
// half is dropped.
func beginOf(n, context int) int {
	begin := 0
	for n-begin > context {
		begin += max(context-context/2, 1)
	}
	return begin
}
