package retrieve

import (
	"strings"
	"unicode/utf8"
)

// The lengths of passages, in characters.
const (
	longPassage = 700 // what a passage grows to within a section
	mostHeading = 80
)

// A Passage is a part of a document that can be quoted.
type Passage struct {
	Source  string // of the document
	Section string // the heading above it, empty if there is none
	Text    string
}

// Where names a passage's document and section.
func (p Passage) Where() string {
	if p.Section == "" {
		return p.Source
	}
	return p.Source + ", " + p.Section
}

// Passages cuts a text into passages at headings and between paragraphs: a line of its own that
// is short and ends without a stop is a heading.
func Passages(source, text string) (all []Passage) {
	section, open := "", false
	blocks := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n")
	for i, block := range blocks {
		block = strings.TrimSpace(block)
		if block == "" {
			continue
		}
		if isHeading(block) && i+1 < len(blocks) {
			section, open = strings.TrimSpace(strings.Trim(block, "#= ")), false
			continue
		}
		for _, part := range cut(block) {
			last := len(all) - 1
			if open && utf8.RuneCountInString(all[last].Text)+utf8.RuneCountInString(part) < longPassage {
				all[last].Text += "\n\n" + part
				continue
			}
			all, open = append(all, Passage{source, section, part}), true
		}
	}
	return all
}

func isHeading(block string) bool {
	return !strings.Contains(block, "\n") && utf8.RuneCountInString(block) <= mostHeading &&
		!strings.HasPrefix(block, "- ") && !strings.ContainsAny(block[len(block)-1:], ".!?:;,") && !endsInChinese(block)
}

func endsInChinese(block string) bool {
	last, _ := utf8.DecodeLastRuneInString(block)
	return strings.ContainsRune("。！？：；，…", last)
}

// cut divides a long paragraph after full stops, or else anywhere between characters.
func cut(block string) (parts []string) {
	for isLonger(block, 2*longPassage) {
		end := 0
		for n := range block {
			if n > 4*longPassage || end > longPassage {
				break
			}
			if rest := block[n:]; strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, "。") {
				_, size := utf8.DecodeRuneInString(rest)
				end = n + size
			}
		}
		if end == 0 {
			for end = longPassage; !utf8.RuneStart(block[end]); end++ {
			}
		}
		parts, block = append(parts, strings.TrimSpace(block[:end])), strings.TrimSpace(block[end:])
	}
	if block != "" {
		parts = append(parts, block)
	}
	return parts
}

// isLonger reports whether a text has more than n characters, without counting those of a long one.
func isLonger(text string, n int) bool {
	return len(text) > n && (len(text) > n*utf8.UTFMax || utf8.RuneCountInString(text) > n)
}
