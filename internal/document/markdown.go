package document

import (
	"html"
	"strings"

	"atelier/internal/pattern"
)

// Inline marks of Markdown, each matched in linear time.
var (
	images    = pattern.New(`!\[[^\[\]]*\]\([^()]*\)`)
	links     = pattern.New(`\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])`)
	addresses = pattern.New(`<((?:https?|mailto):[^<>\s]*)>`)
	tags      = pattern.New(`</?[A-Za-z][^<>]*>|<!--[^<>]*-->`)
	emphasis  = pattern.New(`(^|[^\\\pL\pN])(?:\*{1,3}|_{1,3}|~~)([\pL\pN"'(\[])|([\pL\pN.,;:!?"')\]])(?:\*{1,3}|_{1,3}|~~)`)
	escapes   = pattern.New("\\\\([!-/:-@\\[-`{-~])")
)

// Marks at the beginning of a line.
var (
	atx       = pattern.New(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t#]*$`)
	underline = pattern.New(`^ {0,3}(?:=+|-{2,})[ \t]*$`)
	item      = pattern.New(`^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)$`)
	rule      = pattern.New(`^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$`)
	reference = pattern.New(`^ {0,3}\[[^\[\]]+\]:`)
	quote     = pattern.New(`^[ \t]*(?:>[ \t]?)+`)
)

// readMarkdown reads Markdown without its code blocks, tables, pictures and raw HTML. It works line
// by line, in linear time on any input, and implements as much of CommonMark as separates prose
// from the rest.
func readMarkdown(b []byte) (Document, error) {
	d, err := readText(b)
	if err != nil {
		return d, err
	}
	m := markdown{}
	for line := range strings.Lines(d.Text) {
		m.line(strings.TrimRight(line, "\r\n"))
	}
	m.end()
	return Document{Title: m.title, Text: m.prose.String()}, nil
}

// markdown is the state of a Markdown reader.
type markdown struct {
	prose prose
	title string
	last  string // the previous line, if part of a paragraph
	fence string // what ends the code block, empty outside of one
	blank bool   // whether the previous line was blank
	tag   bool   // whether in an HTML block
}

func (m *markdown) line(line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case m.fence != "":
		if strings.HasPrefix(trimmed, m.fence) {
			m.fence = ""
		}
		return
	case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
		m.end()
		m.fence = trimmed[:3]
		return
	case trimmed == "":
		m.end()
		m.blank, m.tag = true, false
		return
	}
	blank := m.blank
	m.blank = false
	line = quote().ReplaceAllString(line, "")
	trimmed = strings.TrimSpace(line)
	switch heading, of := atx().FindStringSubmatch(line), item().FindStringSubmatch(line); {
	case m.tag, blank && (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) && of == nil: // HTML, code
	case heading != nil:
		m.heading(len(heading[1]), heading[2])
	case underline().MatchString(line) && m.last != "":
		text, level := m.last, 2
		if strings.HasPrefix(trimmed, "=") {
			level = 1
		}
		m.prose.paragraph.Reset()
		m.heading(level, text)
	case rule().MatchString(line), reference().MatchString(line), strings.HasPrefix(trimmed, "|"):
		m.end()
	case strings.HasPrefix(trimmed, "<") && tags().MatchString(trimmed) && m.last == "" && !addresses().MatchString(trimmed):
		m.tag = true
	case of != nil:
		m.end()
		m.begin("- ")
		m.add(of[1])
	default:
		m.add(trimmed)
	}
}

// heading adds a heading; the first of the highest level is the title.
func (m *markdown) heading(level int, text string) {
	m.begin("# ")
	if level == 1 && m.title == "" {
		m.title = inline(text)
	}
	m.prose.add(text)
	m.end()
}

func (m *markdown) add(text string) {
	m.last = text
	m.prose.add(text + " ")
}

// end ends the paragraph.
func (m *markdown) end() {
	m.begin("")
	m.last = ""
}

// begin ends the paragraph, whose inline marks may go over several lines, and begins one with a
// prefix. A paragraph that is only a link is like an item of a list: no heading.
func (m *markdown) begin(mark string) {
	p := &m.prose
	raw := strings.TrimSpace(p.paragraph.String())
	p.paragraph.Reset()
	if p.mark == "" && raw != "" && links().FindString(raw) == raw {
		p.mark = "- "
	}
	p.paragraph.WriteString(inline(raw))
	p.begin(mark)
}

// inline is a text without its inline marks.
func inline(text string) string {
	text = images().ReplaceAllString(text, "")
	text = links().ReplaceAllString(text, "$1")
	text = addresses().ReplaceAllString(text, "$1")
	text = tags().ReplaceAllString(text, "")
	text = emphasis().ReplaceAllString(text, "$1$2$3")
	text = strings.ReplaceAll(text, "`", "")
	text = escapes().ReplaceAllString(text, "$1")
	return html.UnescapeString(text)
}
