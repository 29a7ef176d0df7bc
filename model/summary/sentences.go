// Package summary makes extractive summaries: it ranks the sentences of a text, in English, other
// languages with spaces between words, or Chinese, and selects the best that do not repeat each
// other. It needs no training. ROUGE compares summaries with references.
package summary

import (
	"context"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
	punkt "github.com/neurosnap/sentences"
	"github.com/neurosnap/sentences/english"
)

// A Sentence is a sentence of a text.
type Sentence struct {
	Text string // without line breaks
	// Start and End are its position in the text, in bytes.
	Start, End int
	// Paragraph is the number of its paragraph, from 0.
	Paragraph int
	// Section is the heading above it, empty if there is none.
	Section string
	// Item reports that it is a list item.
	Item bool
}

// Limits of lines.
const (
	mostHeading = 80     // longest line in characters that can be a heading
	mostTitle   = 40     // and of Chinese
	leastWidth  = 40     // shortest line in characters in a hard-wrapped text
	mostLine    = 20_000 // bytes of a line that are processed as one
	// mostSentence is the length limit of a sentence in bytes: anything longer is an endless list,
	// or not prose.
	mostSentence = 4000
	fullStops    = ".!?。！？…:：;；"
	closing      = " \t\"'”’)」』）》" // may follow a full stop
	opening      = "([（「『“‘《【"
	bullets      = "-*+•·–—"
)

// Sentences splits a text into sentences, in order. Headings, which are short lines without a full
// stop, blank lines, and what is too long to be a sentence are left out.
func Sentences(ctx context.Context, text string) (all []Sentence, err error) {
	section, paragraph, at := "", 0, 0
	lines := paragraphs(text)
	for i, p := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at = p.start
		if isHeading(p, i, lines) {
			section = strings.Trim(strings.TrimSpace(p.text), "#= ")
			continue
		}
		for _, s := range split(p.text) {
			trimmed := strings.TrimSpace(s.text)
			if len(trimmed) > mostSentence || !strings.ContainsFunc(trimmed, unicode.IsLetter) {
				continue
			}
			item := p.item && s.start == 0
			if item {
				trimmed = strings.TrimSpace(strings.TrimLeft(trimmed, bullets+"0123456789.) "))
			}
			start := at + s.start + strings.Index(s.text, trimmed)
			all = append(all, Sentence{Text: strings.Join(strings.Fields(trimmed), " "), Start: start, End: start + len(trimmed),
				Paragraph: paragraph, Section: section, Item: p.item})
		}
		paragraph++
	}
	return all, nil
}

// A piece is a part of a text, and its position.
type piece struct {
	text  string
	start int
	item  bool // of a list
	blank bool // whether a blank line precedes it
}

// paragraphs splits a text into paragraphs. Each line is a paragraph unless the text is
// hard-wrapped: most lines end within a sentence.
func paragraphs(text string) []piece {
	var lines []piece
	blank, at := true, 0
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			blank, at = true, at+len(line)
			continue
		}
		for from := 0; from < len(line); blank = false {
			part := line[from:cut(line, from)]
			lines = append(lines, piece{text: strings.TrimRight(part, "\r\n"), start: at + from, item: from == 0 && isItem(trimmed), blank: blank})
			from += len(part)
		}
		at += len(line)
	}
	if !wrapped(lines) {
		return lines
	}
	var joined []piece
	for _, l := range lines {
		n := len(joined)
		if n == 0 || l.blank || l.item || len(joined[n-1].text) > mostLine {
			joined = append(joined, l)
			continue
		}
		joined[n-1].text = text[joined[n-1].start : l.start+len(l.text)]
	}
	return joined
}

// cut is where a long line is split after a given byte: after a full stop or a blank if there is
// one.
func cut(line string, from int) int {
	if len(line)-from <= mostLine {
		return len(line)
	}
	part := line[from : from+mostLine]
	for len(part) > mostLine-utf8.UTFMax && !utf8.RuneStart(line[from+len(part)]) {
		part = part[:len(part)-1]
	}
	for _, ends := range []string{". ", "。", " "} {
		if i := strings.LastIndex(part, ends); i > 0 {
			return from + i + len(ends)
		}
	}
	return from + len(part)
}

// wrapped reports whether most lines with a successor end within a sentence, as in hard-wrapped
// text.
func wrapped(lines []piece) bool {
	within, follow := 0, 0
	for i, l := range lines[:max(0, len(lines)-1)] {
		if next := lines[i+1]; next.blank || next.item || utf8.RuneCountInString(l.text) < leastWidth {
			continue
		}
		follow++
		last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(l.text, closing))
		if !strings.ContainsRune(fullStops, last) {
			within++
		}
	}
	return follow > 0 && 2*within > follow
}

func isItem(line string) bool {
	first, n := utf8.DecodeRuneInString(line)
	if strings.ContainsRune(bullets, first) {
		return len(line) > n && line[n] == ' '
	}
	digits := strings.TrimLeft(line, "0123456789")
	return len(digits) < len(line) && len(digits) > 1 && strings.ContainsRune(".)", rune(digits[0])) && digits[1] == ' '
}

// isHeading reports whether a line is a heading: short, and without sentence-ending punctuation.
func isHeading(p piece, i int, all []piece) bool {
	line := strings.TrimSpace(p.text)
	if strings.HasPrefix(line, "#") {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(line, closing))
	most := mostHeading
	if IsChinese(line) {
		most = mostTitle
	}
	if p.item || utf8.RuneCountInString(line) > most || strings.ContainsRune(fullStops+",，、", last) {
		return false
	}
	return p.blank && i+1 < len(all) && strings.Count(p.text, "\n") == 0
}

// tokenizer is loaded on first use.
var tokenizer = sync.OnceValues(func() (*punkt.DefaultSentenceTokenizer, error) { return english.NewSentenceTokenizer(nil) })

// split splits a paragraph into sentences: in scripts with spaces with an English sentence
// tokenizer that knows abbreviations (Kiss and Strunk 2006, doi:10.1162/coli.2006.32.4.485), in
// others by the rules of Unicode (UAX 29).
func split(paragraph string) (all []piece) {
	if t, err := tokenizer(); err == nil && !IsChinese(paragraph) {
		for _, s := range t.Tokenize(paragraph) {
			all = append(all, piece{text: s.Text, start: s.Start})
		}
		return mended(paragraph, all)
	}
	from := 0
	for it := sentences.FromString(paragraph); it.Next(); {
		end := it.End()
		if end < len(paragraph) { // what opens a bracket belongs to what follows
			end = from + len(strings.TrimRight(paragraph[from:end], opening))
		}
		if end > from {
			all = append(all, piece{text: paragraph[from:end], start: from})
		}
		from = end
	}
	return all
}

// IsChinese reports whether most letters of a text are Chinese characters.
func IsChinese(text string) bool {
	han, letters := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Han, r) {
				han++
			}
		}
	}
	return 2*han > letters
}
