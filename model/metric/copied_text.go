package metric

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func init() {
	Metrics.Add("copied_text", "what up to 200 samples copy verbatim from the training texts: the longest run, in characters and in words, and the share of runs of 50 characters; beside it the same of held-out texts (as in McCoy et al. 2023, arXiv:2111.09509)",
		func() Metric { return copiedText{} })
}

// copiedText has no settings.
type copiedText struct{}

const (
	copiedRun      = 50   // length in characters from which copies are counted
	copiedFromText = 1000 // characters checked per text, which bounds memory
)

// SelectionScores implements [Selector].
func (copiedText) SelectionScores() []string {
	return []string{"copied_characters", "copied_words", "copied_50grams"}
}

func (m copiedText) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.needTexts(); err != nil {
		return nil, err
	}
	if e.Changed {
		return nil, errChanged
	}
	if e.Training == nil {
		return nil, fmt.Errorf("%w: there are no training texts", ErrNotApplicable)
	}
	var texts []string // of all draws, so that the training texts are read once
	for draw := range Draws {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w, err := e.written(ctx, draw)
		if err != nil {
			return nil, err
		}
		for _, text := range slices.Concat(w.fakes, w.test) {
			texts = append(texts, beginning(strings.ToValidUTF8(text, "\ufffd"), copiedFromText))
		}
	}
	found, err := e.copiedFrom(ctx, texts)
	if err != nil {
		return nil, err
	}
	scores := []Score{
		{Name: "copied_characters", Unit: "characters", Better: Lower, Note: "the longest run of any sample; far above the floor it was learned by heart"},
		{Name: "copied_words", Unit: "words", Better: Lower, Note: "the longest run of whole words"},
		{Name: "copied_50grams", Unit: "%", Better: Lower, Note: fmt.Sprintf("of the runs of %d characters; 0 if no sample is so long", copiedRun)},
	}
	n := len(texts) / Draws / 2
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		of := found[2*n*draw:]
		s.fakes, s.values, s.floors = n, summed(of[:n]), summed(of[n:2*n])
		return s, nil
	})
}

// beginning is the first n characters of a text.
func beginning(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// copied measures the overlap of a text with the training texts.
type copied struct {
	characters, words int // length of the longest runs
	runs, all         int // runs of copiedRun characters, copied and in total
}

// copiedFrom measures what texts copy from the training texts.
func (e *Evaluation) copiedFrom(ctx context.Context, texts []string) ([]copied, error) {
	f := newRunFinder(texts)
	for piece, err := range e.Training() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if piece == "" {
			f.apart()
		}
		f.read(piece)
	}
	out := make([]copied, len(texts))
	for i, runs := range f.runs() {
		out[i] = copiedIn(texts[i], runs)
	}
	return out, nil
}

// copiedIn summarizes the runs of a text, given the number of copied bytes up to each byte.
func copiedIn(text string, runs []int32) (c copied) {
	characters := make([]int, len(text)+1) // number of characters that begin before each byte
	for i := range len(text) {
		characters[i+1] = characters[i]
		if utf8.RuneStart(text[i]) {
			characters[i+1]++
		}
	}
	words := spansOf(text)
	for i := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		end := i + size
		from := end - int(runs[end-1])
		for from < end && !utf8.RuneStart(text[from]) {
			from++
		}
		n := characters[end] - characters[from]
		c.characters = max(c.characters, n)
		c.words = max(c.words, wholeWords(words, from, end, len(text)))
		if characters[end] >= copiedRun {
			c.all++
			if n >= copiedRun {
				c.runs++
			}
		}
	}
	return c
}

// wholeWords counts the words in a part of a text, except those at its borders that may be parts of
// longer words; at the ends of the text they count.
func wholeWords(words []span, from, to, size int) int {
	first, _ := slices.BinarySearchFunc(words, from, func(w span, at int) int { return w.from - at })
	if first < len(words) && words[first].from == from && from > 0 && !words[first].single {
		first++
	}
	end, touches := slices.BinarySearchFunc(words, to, func(w span, at int) int { return w.to - at })
	if touches && (to == size || words[end].single) {
		end++
	}
	return max(0, end-first)
}

// summed are the scores of a draw.
func summed(texts []copied) []float64 {
	var sum copied
	for _, c := range texts {
		sum.characters, sum.words = max(sum.characters, c.characters), max(sum.words, c.words)
		sum.runs, sum.all = sum.runs+c.runs, sum.all+c.all
	}
	return []float64{float64(sum.characters), float64(sum.words), 100 * float64(sum.runs) / float64(max(1, sum.all))}
}
