package run

import (
	"atelier/data"
	"atelier/internal/badinput"
)

// Tokens returns the tokens of a text, for a run that learned from texts. The error
// names what the run has no token for.
func (r *Run) Tokens(text string) ([]int32, error) {
	c, ok := r.Config.Codec.Value.(data.Streaming)
	if !ok || !r.medium.Words {
		return nil, badinput.Errorf("run %s learned no texts but %s", r.Dir.Name(), r.medium.Works)
	}
	return c.Tokens(data.Item{Name: "text", Bytes: []byte(text)})
}

// Written makes an Item of tokens, of any number.
func (r *Run) Written(tokens []int32) (data.Item, error) {
	return r.Config.Codec.Value.Decode(batchOf(r.Spec.Target(), tokens, 1), 0)
}

// UsualLength is how many tokens of a work are written where no number is asked for.
func (r *Run) UsualLength() int { return r.medium.length(r.Spec.Target().Size()) }

// batchOf makes a batch of n works of the tokens of all of them, which are as many each.
func batchOf(target data.Field, tokens []int32, n int) *data.Batch {
	target.Shape = []int{len(tokens) / n}
	return &data.Batch{N: n, Columns: []data.Column{{Field: target, Ints: tokens}}}
}
