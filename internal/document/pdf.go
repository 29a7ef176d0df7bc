package document

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/internal/badinput"
)

// IsPDF reports whether bytes are a PDF file, which [Read] does not read: [FromPages] makes a
// document of the text of its pages.
func IsPDF(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b[:min(len(b), 1024)], "\x00 \t\r\n"), []byte("%PDF-"))
}

// How lines of a page become paragraphs.
const (
	shortLine   = 0.8 // of the usual width: a line that ends a sentence ends a paragraph, too
	shorterLine = 0.6 // any ends one
	oftenShare  = 0.5 // of the pages: what stands first or last on so many is no text
	leastPages  = 4   // for that
)

// FromPages makes a document of the text of pages, line by line: running heads and page
// numbers are left out, words that are divided at the ends of lines are joined, and lines become
// paragraphs, which go on over pages.
func FromPages(pages []string, name string) (Document, error) {
	var all [][]string
	for _, p := range pages {
		var lines []string
		for line := range strings.Lines(norm.NFC.String(strings.ToValidUTF8(p, ""))) {
			line = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == 0 }), " ")
			if line != "" {
				lines = append(lines, line)
			}
		}
		all = append(all, lines)
	}
	all = withoutHeads(all)
	t := pdfText{width: usualWidth(all)}
	for _, lines := range all {
		for _, line := range lines {
			t.line(line)
		}
	}
	t.end()
	text := strings.TrimSpace(t.all.String())
	if text == "" {
		return Document{}, badinput.Errorf("%s: the PDF has no text: its pages may be pictures, which are not read", name)
	}
	return Document{Text: text}, nil
}

// withoutHeads are pages without the first and last lines that most pages share but for digits.
func withoutHeads(pages [][]string) [][]string {
	if len(pages) < leastPages {
		return pages
	}
	for _, last := range []bool{false, true, false, true} { // two lines at each end
		count := map[string]int{}
		edge := func(lines []string) string {
			switch {
			case len(lines) == 0:
				return ""
			case last:
				return withoutDigits(lines[len(lines)-1])
			}
			return withoutDigits(lines[0])
		}
		for _, lines := range pages {
			count[edge(lines)]++
		}
		for i, lines := range pages {
			if len(lines) == 0 || float64(count[edge(lines)]) < oftenShare*float64(len(pages)) {
				continue
			}
			if last {
				pages[i] = lines[:len(lines)-1]
			} else {
				pages[i] = lines[1:]
			}
		}
	}
	return pages
}

func withoutDigits(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, line)
}

// usualWidth is the width in characters that nine of ten lines do not exceed.
func usualWidth(pages [][]string) int {
	const most = 400
	var counts [most + 1]int
	lines := 0
	for _, p := range pages {
		for _, line := range p {
			counts[min(most, utf8.RuneCountInString(line))]++
			lines++
		}
	}
	seen := 0
	for width, n := range counts {
		if seen += n; seen*10 >= lines*9 {
			return width
		}
	}
	return most
}

// pdfText puts lines together.
type pdfText struct {
	width int
	all   strings.Builder
	part  []byte // the paragraph
}

// softHyphens are what divides a word at the end of a line: PDFium gives the last two for a hyphen.
const softHyphens = "\u00ad\u0002\ufffe"

// line adds a line to its paragraph.
func (t *pdfText) line(line string) {
	hyphen := strings.TrimRight(line, softHyphens)
	divided := len(hyphen) < len(line)
	hyphen = strings.Map(func(r rune) rune {
		if strings.ContainsRune(softHyphens, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, hyphen)
	if !divided && strings.HasSuffix(hyphen, "-") && len(hyphen) > 1 && unicode.IsLetter(rune(hyphen[len(hyphen)-2])) {
		hyphen, divided = hyphen[:len(hyphen)-1], true
	}
	t.part = append(t.part, hyphen...)
	width := float64(utf8.RuneCountInString(hyphen)) / float64(max(1, t.width))
	last, _ := utf8.DecodeLastRuneInString(hyphen)
	switch {
	case divided:
	case width < shorterLine || width < shortLine && strings.ContainsRune(".!?。！？:：\"”", last):
		t.end()
	case !isWide(last):
		t.part = append(t.part, ' ')
	}
}

// end ends a paragraph.
func (t *pdfText) end() {
	if text := bytes.TrimSpace(t.part); len(text) > 0 {
		t.all.Write(text)
		t.all.WriteString("\n\n")
	}
	t.part = t.part[:0]
}

// isWide reports whether a character is of a script that has no spaces between words.
func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r < 0x3040 || r >= 0xff00 && r < 0xfff0
}
