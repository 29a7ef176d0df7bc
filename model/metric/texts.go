package metric

import (
	"context"
	"fmt"
	"unicode"
	"unicode/utf8"

	"atelier/data"
)

// The size of a draw of texts: fewer where they are long, since sampling takes time.
const (
	mostTexts  = 200
	leastTexts = 20
	textTokens = 1 << 16 // in total
)

// texts is the number of texts in a draw.
func (e *Evaluation) texts() int {
	return min(mostTexts, max(leastTexts, textTokens/max(1, e.Spec.Target().Size())))
}

// writings are the texts of a draw, equally many of each kind.
type writings struct {
	fakes []string
	test  []string // held-out
	train []string
}

// written returns the texts of a draw, where the examples are texts.
func (e *Evaluation) written(ctx context.Context, draw int) (w writings, err error) {
	test, err := e.reals(data.Test, e.texts(), draw)
	if err != nil {
		return w, err
	}
	train, err := e.reals(data.Train, e.texts(), draw)
	if err != nil {
		return w, err
	}
	if e.Fakes == nil {
		return w, fmt.Errorf("%w: there are no generated examples", ErrNotApplicable)
	}
	fakes, err := e.fakes(ctx, e.available(min(e.texts(), test.N, train.N)), draw)
	if err != nil {
		return w, err
	}
	if fakes.N < 2 {
		return w, fmt.Errorf("%w: the training part, the test part or the samples have a single window: texts are joined and cut into windows of the context length, of which two or more are needed", ErrNotApplicable)
	}
	for _, part := range []struct {
		of *data.Batch
		to *[]string
	}{{fakes, &w.fakes}, {test, &w.test}, {train, &w.train}} {
		if *part.to, err = e.textsOf(part.of.Rows(0, fakes.N)); err != nil {
			return w, err
		}
	}
	return w, nil
}

// needTexts returns an error unless the examples are texts.
func (e *Evaluation) needTexts() error {
	if e.Text == nil || e.Spec.Target().Kind != data.Tokens {
		return fmt.Errorf("%w: the samples are not texts", ErrNotApplicable)
	}
	return nil
}

// textsOf are the texts of examples.
func (e *Evaluation) textsOf(b *data.Batch) ([]string, error) {
	texts := make([]string, b.N)
	for i := range texts {
		var err error
		if texts[i], err = e.Text(b.Column(data.Target).Tokens(i)); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// ofWords applies a measure of words to fakes, and for the floor to held-out texts.
func (e *Evaluation) ofWords(ctx context.Context, scores []Score, measure func(texts [][]string) []float64) ([]Score, error) {
	if err := e.needTexts(); err != nil {
		return nil, err
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		w, err := e.written(ctx, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.values, s.floors = len(w.fakes), measure(wordsOf(w.fakes)), measure(wordsOf(w.test))
		return s, nil
	})
}

// A span is the position of a word in a text, in bytes.
type span struct {
	from, to int
	single   bool // a character that is a word by itself, whatever its neighbours
}

// spansOf returns the words of a text: runs of letters, digits and marks, with apostrophes
// between them; each character of Chinese and Japanese; and each other character that is not
// space.
func spansOf(text string) (words []span) {
	from := -1 // start of the current word
	end := func(to int) {
		if from >= 0 {
			words = append(words, span{from: from, to: to})
			from = -1
		}
	}
	for i, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case (r == '\'' || r == '’') && from >= 0 && lettersFollow(text[i+size:]):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana), !inWord(r):
			end(i)
			if !unicode.IsSpace(r) {
				words = append(words, span{i, i + size, true})
			}
		case from < 0:
			from = i
		}
	}
	end(len(text))
	return words
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func lettersFollow(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return inWord(r)
}

// wordsOf returns the words of each text.
func wordsOf(texts []string) [][]string {
	out := make([][]string, len(texts))
	for i, text := range texts {
		for _, w := range spansOf(text) {
			out[i] = append(out[i], text[w.from:w.to])
		}
	}
	return out
}

// mostGrams is the largest number of words of an n-gram.
const mostGrams = 5

// A gram is an n-gram of word numbers from 1; 0 is none.
type gram [mostGrams]int32

// numbering assigns numbers to words.
type numbering map[string]int32

func (n numbering) of(words []string) []int32 {
	out := make([]int32, len(words))
	for i, w := range words {
		if n[w] == 0 {
			n[w] = int32(len(n) + 1)
		}
		out[i] = n[w]
	}
	return out
}

// grams yields the n-grams of a text.
func grams(words []int32, n int, yield func(gram)) {
	for i := n; i <= len(words); i++ {
		var g gram
		copy(g[:], words[i-n:i])
		yield(g)
	}
}
