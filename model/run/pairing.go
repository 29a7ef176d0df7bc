package run

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/family"
	"atelier/model/metric"
)

// A Pairing embeds pictures and texts in one space. It may be used concurrently.
type Pairing struct {
	// Space names the space: "pair" and the hash of its weights.
	Space string
	// Width is the width of the unit vectors.
	Width int

	embed *family.Embeddings
	codec data.Codec
	spec  data.Spec
}

// wording is a codec that keeps captions as words.
type wording interface {
	KnownTokens(line string) (tokens []int32, unknown []string)
	LineOf(tokens []int32) string
}

// Pairing embeds with the run's weights.
func (r *Run) Pairing() (*Pairing, error) {
	m, ok := r.model.(family.Pairing)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which does not embed pictures and texts; a run of the recipe pair does", r.Dir.Name(), r.Config.Model.Use)
	}
	return pairingOf(m.Embeddings(r.backend, r.store), r.Config.Codec.Value, r.Spec, r.Hash)
}

// pairingOf embeds what a codec encodes, with weights of that hash.
func pairingOf(e *family.Embeddings, codec data.Codec, spec data.Spec, hash string) (*Pairing, error) {
	if _, ok := codec.(wording); !ok {
		return nil, fmt.Errorf("a pair with the codec %T cannot encode texts", codec)
	}
	return &Pairing{Space: "pair@" + hash[:min(8, len(hash))], Width: e.Width, embed: e, codec: codec, spec: spec}, nil
}

// Picture is a picture as pixels for [Pairing.Pictures].
func (p *Pairing) Picture(file []byte) ([]float32, error) {
	b := data.NewBatch(p.spec.Only(data.Target), 1)
	err := p.codec.Encode(data.ExampleOf(data.Item{Bytes: file}), b, 0)
	return b.Column(data.Target).Floats, badinput.Mark(err)
}

// Pictures embeds pictures, the pixels of one after another: rows of unit vectors.
func (p *Pairing) Pictures(ctx context.Context, pixels []float32) ([]float32, error) {
	return p.embed.Pictures(ctx, &data.Column{Field: p.spec.Target(), Floats: pixels})
}

// Text embeds a text, and names its words that are unknown. A text without a known word is an error.
func (p *Pairing) Text(ctx context.Context, text string) (vector []float32, unknown []string, err error) {
	tokens, unknown := p.codec.(wording).KnownTokens(text)
	known := slices.DeleteFunc(slices.Clone(tokens), func(t int32) bool { return t <= 1 })
	if len(known) == 0 {
		return nil, unknown, badinput.Errorf("no word of %q is known: the captions that were learned from have them rarely or never", text)
	}
	row := data.NewColumn(p.embed.Caption, 1)
	copy(row.Ints, known)
	vector, err = p.embed.Texts(ctx, &row)
	return vector, unknown, err
}

// Writes reports whether the pair writes captions.
func (p *Pairing) Writes() bool { return p.embed.Captions != nil }

// Captions writes a caption of each picture, the pixels of one after another: in Chinese, or else in
// a script of ASCII.
func (p *Pairing) Captions(ctx context.Context, pixels []float32, chinese bool) ([]string, error) {
	if !p.Writes() {
		return nil, badinput.Errorf("the pair %s writes no captions; train one with model.captions=1", p.Space)
	}
	w := p.codec.(wording)
	tokens, err := p.embed.Captions(ctx, &data.Column{Field: p.spec.Target(), Floats: pixels}, func(token int32) bool {
		line := w.LineOf([]int32{token})
		return line == "" && chinese || line != "" && (line[0] >= utf8.RuneSelf) == chinese
	})
	lines := make([]string, len(tokens))
	for i := range lines {
		lines[i] = w.LineOf(tokens[i])
	}
	return lines, err
}

// recallAt is how many works are looked at in a search that is scored.
const recallAt = 10

// recall scores a pair on held-out pictures: how often the right caption is among ten, and the
// right picture.
func recall(ctx context.Context, e *family.Embeddings, ds *data.Dataset) (metric.Score, error) {
	score := metric.Score{Name: "recall@10", Better: metric.Higher, Draws: 1, N: ds.Len(), Note: "mean of both directions, by the first line of the captions held out"}
	if ds.Len() == 0 {
		return score, fmt.Errorf("recall@10: %w: the data has no test part", metric.ErrNotApplicable)
	}
	all, err := set{test: ds}.reals(data.Test, ds.Len(), 0)
	if err != nil {
		return score, err
	}
	pictures, err := e.Pictures(ctx, all.Column(data.Target))
	if err != nil {
		return score, err
	}
	captions, first := all.Column(data.CaptionField), data.NewColumn(e.Caption, all.N)
	key := make([]string, all.N)
	for i := range all.N {
		copy(first.Tokens(i), captions.Tokens(i))
		key[i] = fmt.Sprint(first.Tokens(i))
	}
	texts, err := e.Texts(ctx, &first)
	if err != nil {
		return score, err
	}
	a, b := metric.Recall(pictures, texts, e.Width, recallAt, key)
	score.Value = (a + b) / 2
	return score, nil
}
