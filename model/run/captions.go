package run

import (
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
)

// Worded says what a run makes of the words of a text.
type Worded struct {
	Known   int      // how many of its words the run learned
	Unknown []string // the others, each once
	Nearest []string // for each of them the word most like it, if there is one
}

// captions is the codec of the captions that a run draws by.
func (r *Run) captions() (*codec.Image, error) {
	c, _ := r.Config.Codec.Value.(*codec.Image)
	if !slices.Contains(r.Needs(), data.CaptionField) || !drawnCaptions(r.Config, r.Spec) {
		return nil, badinput.Errorf("run %s does not draw what a text says; want a run of the recipe words, or one with codec.captions=24 and model.text=true", r.Dir.Name())
	}
	return c, nil
}

// drawnCaptions reports that pictures have captions whose words are told one by one.
func drawnCaptions(c *Config, spec data.Spec) bool {
	_, ok := c.Codec.Value.(*codec.Image)
	field, has := spec.Field(data.CaptionField)
	return ok && has && len(field.Shape) == 2
}

// Words says which words of a text the run knows.
func (r *Run) Words(text string) (w Worded, err error) {
	c, err := r.captions()
	if err != nil {
		return w, err
	}
	tokens, unknown := c.WordTokens(text)
	w.Known = len(tokens) - len(unknown)
	seen := map[string]bool{}
	for _, word := range unknown {
		if !seen[word] {
			w.Unknown, w.Nearest = append(w.Unknown, word), append(w.Nearest, c.Nearest(word))
		}
		seen[word] = true
	}
	return w, nil
}

// OfTexts returns the conditions of samples that show what texts say, one each. Words beyond those
// that the run reads are left out.
func (r *Run) OfTexts(texts []string) (*data.Batch, error) {
	c, err := r.captions()
	if err != nil {
		return nil, err
	}
	field, _ := r.Spec.Field(data.CaptionField)
	column := data.NewColumn(field, len(texts))
	for i, text := range texts {
		tokens, _ := c.WordTokens(text)
		copy(column.Tokens(i)[:field.Shape[1]], tokens)
	}
	b := &data.Batch{N: len(texts)}
	b.Set(column)
	return b, nil
}
