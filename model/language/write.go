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
	// Against is the prompt without what is asked for, which Guidance leads away from; nil for none.
	Against []int32
	Seed    uint64
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
	sides   []*side // of the prompt, and of what guidance leads away from
	sampler *tokenSampler
	guided  []float32 // logits [vocabulary]
}

// A side is a text as the model reads it.
type side struct {
	text   *Text
	tokens []int32 // all
	logits []float32
}

// begin reads the prompts; equal ones are read once.
func (w *Writer) begin(ctx context.Context, starts []Start) (all []*continued, err error) {
	var read []*side
	for i, s := range starts {
		c := &continued{index: i, sampler: newTokenSampler(w.Sampling, w.kernels, noise.Stream(s.Seed, TokenNoise), w.Vocabulary)}
		c.sampler.constraint = s.Constraint
		c.sampler.read(s.Prompt, false)
		prompts := [][]int32{s.Prompt}
		if s.Against != nil && w.guides() {
			prompts, c.guided = append(prompts, s.Against), make([]float32, w.Vocabulary)
		}
		for _, prompt := range prompts {
			if len(prompt) == 0 {
				return nil, fmt.Errorf("text %d has an empty prompt", i)
			}
			one := &side{tokens: slices.Clone(prompt), logits: make([]float32, w.Vocabulary)}
			if k := slices.IndexFunc(read, func(o *side) bool { return slices.Equal(o.tokens, prompt) }); k >= 0 {
				one.text = read[k].text.Clone()
				copy(one.logits, read[k].logits)
			} else if err := w.open(ctx, one); err != nil {
				return nil, err
			}
			read, c.sides = append(read, one), append(c.sides, one)
		}
		all = append(all, c)
	}
	return all, nil
}

// open reads the prompt of a side.
func (w *Writer) open(ctx context.Context, s *side) error {
	seen := s.tokens
	if n := len(seen); n > w.Context {
		if !w.Slide {
			return errTooLong(w.Context, n)
		}
		seen = w.window(seen)
	}
	s.text = w.NewText()
	return w.Read(ctx, Reading{Text: s.text, Tokens: seen, Logits: s.logits})
}

// next are the logits of the next token [vocabulary].
func (w *Writer) next(c *continued) []float32 {
	asked := c.sides[0].logits
	if c.guided == nil {
		return asked
	}
	against, scale := c.sides[1].logits, float32(w.Guidance)
	for i := range c.guided {
		c.guided[i] = against[i] + scale*(asked[i]-against[i])
	}
	return c.guided
}

// step samples the next token of every text, and returns the texts that continue.
func (w *Writer) step(live []*continued, emit func(int, Token) (bool, error)) ([]*continued, error) {
	var on []*continued
	for _, c := range live {
		logits := w.next(c)[:w.Vocabulary-w.Control]
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
		for _, s := range c.sides {
			s.tokens = append(s.tokens, id)
		}
		c.sampler.read([]int32{id}, true)
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
		full := slices.ContainsFunc(c.sides, func(s *side) bool { return s.text.Len() == w.Context })
		if full && !w.Slide {
			continue
		}
		on = append(on, c)
		for _, s := range c.sides {
			next := s.tokens[len(s.tokens)-1:]
			if s.text.Len() == w.Context {
				s.text, next = w.NewText(), w.window(s.tokens)
			}
			parts = append(parts, Reading{Text: s.text, Tokens: next, Logits: s.logits})
		}
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
