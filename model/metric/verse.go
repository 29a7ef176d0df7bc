package metric

import (
	"context"
	"fmt"
	"strings"

	"atelier/internal/registry"
	"atelier/model/verse"
)

func init() {
	Metrics.Add("verse", "share of the lines and of the poems in up to 200 samples that keep a form of classical Chinese verse, and of the even lines that rhyme",
		func() Metric { return &versed{Form: "5x4"} })
}

// versed counts poems in the form, and rhymes. A text may hold several poems, separated by blank
// lines.
type versed struct {
	Form   string `help:"form: characters of a line by lines, such as 5x4, 7x4, 5x8 or 7x8"`
	Rhymes string `help:"JSON file of rhymes, {\"tone\": {\"rhyme\": [\"character\", ...]}}; if empty, rhymes are not checked"`
}

// Check rejects an invalid form.
func (m *versed) Check() error {
	if _, err := verse.Parse(m.Form); err != nil {
		return registry.Unfit("form", err.Error())
	}
	return nil
}

// SelectionScores implements [Selector].
func (*versed) SelectionScores() []string {
	return []string{"verse_lines", "verse_form", "verse_rhyme"}
}

func (m *versed) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.needTexts(); err != nil {
		return nil, err
	}
	form, err := verse.Parse(m.Form)
	if err != nil {
		return nil, err
	}
	scores := []Score{
		{Name: "verse_lines", Unit: "%", Better: Higher, Note: fmt.Sprintf("lines of %d characters", form.Characters)},
		{Name: "verse_form", Unit: "%", Better: Higher, Note: fmt.Sprintf("poems of the form %s; of a text with three or more, the first and the last, which may be cut, do not count", form)},
	}
	var rhymes *verse.Rhymes
	if m.Rhymes != "" {
		if rhymes, err = verse.ReadRhymes(m.Rhymes); err != nil {
			return nil, err
		}
		scores = append(scores, Score{Name: "verse_rhyme", Unit: "%", Better: Higher, Note: "even lines that rhyme with another of their poem, among those whose last character the table has"})
	}
	given, err := e.given()
	if err != nil {
		return nil, err
	}
	if given != nil {
		scores[1].Note = fmt.Sprintf("poems of the form %s; each text is taken whole", form)
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		if given != nil {
			s.fakes, s.values = len(given), versedShares(given, poemsOf, form, rhymes)
			return s, nil
		}
		w, err := e.written(ctx, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.values, s.floors = len(w.fakes), versedShares(w.fakes, wholePoemsOf, form, rhymes), versedShares(w.test, wholePoemsOf, form, rhymes)
		return s, nil
	})
}

// given are the whole texts to be measured; nil if there are none.
func (e *Evaluation) given() (texts []string, err error) {
	if e.Given == nil {
		return nil, nil
	}
	var text strings.Builder
	for piece, err := range e.Given() {
		if err != nil {
			return nil, err
		}
		if text.WriteString(piece); piece == "" && text.Len() > 0 {
			texts = append(texts, text.String())
			text.Reset()
		}
	}
	return texts, nil
}

// versedShares are the percentages of lines and poems in the form and, with a table, of even lines
// that rhyme.
func versedShares(texts []string, poemsOf func(text string) []string, form verse.Form, rhymes *verse.Rhymes) []float64 {
	var lines, fitting, poems, kept, known, rhyming int
	for _, text := range texts {
		for _, poem := range poemsOf(text) {
			r := verse.Check(poem, form, rhymes)
			lines, fitting = lines+r.Lines, fitting+r.Fitting
			poems++
			if r.Kept {
				kept++
			}
			if _, ok := r.RhymeShare(); ok {
				known, rhyming = known+r.Known, rhyming+r.Rhyming
			}
		}
	}
	percent := func(part, all int) float64 { return 100 * float64(part) / float64(max(1, all)) }
	shares := []float64{percent(fitting, lines), percent(kept, poems)}
	if rhymes != nil {
		shares = append(shares, percent(rhyming, known))
	}
	return shares
}

// poemsOf are the poems of a text.
func poemsOf(text string) (poems []string) {
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if strings.TrimSpace(part) != "" {
			poems = append(poems, part)
		}
	}
	return poems
}

// wholePoemsOf are the complete poems of a window, as far as can be determined.
func wholePoemsOf(text string) []string {
	poems := poemsOf(text)
	if len(poems) > 2 {
		return poems[1 : len(poems)-1]
	}
	return poems
}
