package page

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"atelier/internal/pattern"
)

// A phrase is a sentence of the program that has values in it, by the form that they were put into,
// and what it is in Chinese.
type phrase struct {
	form, said string
	literals   []string // the pieces between the values
	of         *regexp.Regexp
	verbs      []string
}

// value finds where a form has values: %d, %.0f and their like.
var value = pattern.New(`%[-+#0-9.]*[a-zA-Z]`)

// phrases are the verdicts, errors and notices that are in Chinese too. More special ones stand before
// others.
var phrases = sync.OnceValue(func() (all []phrase) {
	words := chineseWords()
	for _, table := range []map[string]string{words.Verdicts, words.Messages} {
		for form, said := range table {
			all = append(all, phraseOf(form, said))
		}
	}
	slices.SortFunc(all, func(a, b phrase) int {
		return cmp.Or(len(strings.Join(b.literals, ""))-len(strings.Join(a.literals, "")), strings.Compare(a.form, b.form))
	})
	return all
})

func phraseOf(form, said string) phrase {
	p := phrase{form: form, said: said, verbs: value().FindAllString(form, -1)}
	text := "(?s)^"
	for i, piece := range value().Split(form, -1) {
		piece = strings.ReplaceAll(piece, "%%", "%")
		p.literals = append(p.literals, piece)
		text += regexp.QuoteMeta(piece)
		if i < len(p.verbs) {
			text += valued(p.verbs[i])
		}
	}
	p.of = regexp.MustCompile(text + "$")
	return p
}

// valued matches a value that was put in by a verb.
func valued(verb string) string {
	switch verb[len(verb)-1] {
	case 'd':
		return `([-+]?\d+)`
	case 'g', 'f':
		return `(\S+?)`
	case 'q':
		return "(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)"
	}
	return "(.*?)"
}

// say is a text in Chinese, if it is of this phrase.
func (p phrase) say(text string) (string, bool) {
	rest := text
	for _, piece := range p.literals { // which is faster than the pattern, and nearly always enough
		at := strings.Index(rest, piece)
		if at < 0 {
			return "", false
		}
		rest = rest[at+len(piece):]
	}
	found := p.of.FindStringSubmatch(text)
	if found == nil {
		return "", false
	}
	var values []any
	for i, v := range found[1:] {
		if strings.ContainsAny(p.verbs[i][len(p.verbs[i])-1:], "swv") { // a sentence itself, perhaps
			if said := inChinese(v); said != v {
				v = seam + said + seam
			}
		}
		values = append(values, v)
	}
	said := closed().ReplaceAllString(fmt.Sprintf(p.said, values...), "$1$2$3$4")
	return strings.ReplaceAll(said, seam, ""), true
}

// seam stands around a value that was put into Chinese, while it is put into a sentence: no space is
// between two Chinese characters.
const seam = "\x00"

// closed finds spaces at seams.
var closed = pattern.New(`(\p{Han}) \x00(\p{Han})|(\p{Han})\x00 (\p{Han})`)

// inChinese is a sentence of the program in Chinese. What has no Chinese stays as it is, such as what
// is wrong deep within a file; what stands before a colon, such as the name of the file, does in any
// case.
func inChinese(text string) string {
	for _, p := range phrases() {
		if said, ok := p.say(text); ok {
			return said
		}
	}
	if lines := strings.Split(text, "\n"); len(lines) > 1 {
		for i := range lines {
			lines[i] = inChinese(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	if before, rest, ok := strings.Cut(text, ": "); ok {
		return before + ": " + inChinese(rest)
	}
	return text
}

// saidIn is a sentence of the program, such as a verdict, an error or a notice, in a language.
func saidIn(lang, text string) string {
	if lang == "zh" {
		return inChinese(text)
	}
	return text
}
