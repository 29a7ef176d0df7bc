package run

import (
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/tokenizer"
	"atelier/model/family"
	"atelier/model/language"
)

// Tokens returns the tokens of a text, for a run trained on texts. The error names
// characters without a token.
func (r *Run) Tokens(text string) ([]int32, error) {
	c, ok := r.Config.Codec.Value.(data.Streaming)
	if !ok || !r.medium.Words {
		return nil, badinput.Errorf("run %s was trained on %s, not texts", r.Dir.Name(), r.medium.Works)
	}
	return c.Tokens(data.Item{Name: "text", Bytes: []byte(text)})
}

// Begin returns the tokens that a text begins with: the end of the previous text, if the codec
// marks that, and the prompt. Without either it is token 0, unless there are control tokens.
func (r *Run) Begin(prompt string) ([]int32, error) {
	var tokens []int32
	if _, ends := r.End(); ends || prompt == "" && r.Controls() == 0 {
		tokens = append(tokens, r.Spec.Target().Begin)
	}
	if prompt == "" {
		return tokens, nil
	}
	given, err := r.Tokens(prompt)
	return append(tokens, given...), err
}

// End returns the token that ends a text, if there is one.
func (r *Run) End() (token int32, ok bool) {
	c, ok := r.Config.Codec.Value.(data.Ending)
	if !ok {
		return 0, false
	}
	return c.End()
}

// Tokenizer is the tokenizer of a run whose codec has one.
func (r *Run) Tokenizer() (*tokenizer.Tokenizer, error) {
	c, ok := r.Config.Codec.Value.(interface {
		Tokenizer() (*tokenizer.Tokenizer, error)
	})
	if !ok {
		return nil, badinput.Errorf("run %s has the codec %s, whose tokens other programs do not know; train with codec.use=bpe", r.Dir.Name(), r.Config.Codec.Use)
	}
	return c.Tokenizer()
}

// Controls is the number of control tokens, which follow the vocabulary of the codec: one for
// each class of a class-conditional run.
func (r *Run) Controls() int {
	if m, ok := r.model.(family.Writing); ok {
		return m.Writer(nil).Control
	}
	return 0
}

// Control returns the control token that a text of the named class begins with; without a name,
// that of a class drawn from the seed, and none if the run is not class-conditional.
func (r *Run) Control(class string, seed uint64) ([]int32, error) {
	m, ok := r.model.(family.Writing)
	if !ok {
		return nil, badinput.Errorf("run %s does not write", r.Dir.Name())
	}
	told, err := r.OfClass(1, class)
	if err != nil || told == nil {
		return m.Control(-1, seed), err
	}
	return m.Control(int(told.Column(data.Label).Ints[0]), seed), nil
}

// starts are texts without a prompt, one per seed.
func starts(m family.Writing, begin int32, seeds []uint64) []language.Start {
	all := make([]language.Start, len(seeds))
	for i, seed := range seeds {
		if all[i] = (language.Start{Prompt: m.Control(-1, seed), Seed: seed}); all[i].Prompt == nil {
			all[i].Prompt = []int32{begin}
		}
	}
	return all
}

// Written makes an Item from any number of tokens.
func (r *Run) Written(tokens []int32) (data.Item, error) {
	return r.Config.Codec.Value.Decode(batchOf(r.Spec.Target(), tokens, 1), 0)
}

// UsualLength is the default number of tokens of a work.
func (r *Run) UsualLength() int { return r.medium.length(r.Spec.Target().Size()) }

// batchOf makes a batch of n works of equal length from their concatenated tokens.
func batchOf(target data.Field, tokens []int32, n int) *data.Batch {
	target.Shape = []int{len(tokens) / n}
	return &data.Batch{N: n, Columns: []data.Column{{Field: target, Ints: tokens}}}
}
