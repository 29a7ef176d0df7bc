package page

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"atelier/internal/pattern"
	"atelier/model/metric"
)

// A verdictForm finds the values in a verdict, or its advice, by the form that they were put into.
type verdictForm struct {
	form string
	of   *regexp.Regexp
}

// value finds where a form has values: %d, %.0f and their like.
var value = pattern.New(`%(\.\d)?[a-z]`)

// verdictForms are those of all verdicts. More special ones stand before others.
var verdictForms = sync.OnceValue(func() (all []verdictForm) {
	for _, form := range metric.VerdictForms() {
		text := "^"
		rest := form
		for at := value().FindStringIndex(rest); at != nil; at = value().FindStringIndex(rest) {
			text += literal(rest[:at[0]]) + "(.+)"
			rest = rest[at[1]:]
		}
		all = append(all, verdictForm{form, regexp.MustCompile(text + literal(rest) + "$")})
	}
	return all
})

// literal matches a piece of a form without values.
func literal(piece string) string { return regexp.QuoteMeta(strings.ReplaceAll(piece, "%%", "%")) }

// verdictIn is a sentence of a verdict, or its advice, in a language.
func verdictIn(lang, text string) string {
	if lang != "zh" {
		return plain(lang, text)
	}
	for _, f := range verdictForms() {
		found := f.of.FindStringSubmatch(text)
		said := chineseWords().Verdicts[f.form]
		if found == nil || said == "" {
			continue
		}
		var values []any
		for _, v := range found[1:] {
			values = append(values, v)
		}
		return fmt.Sprintf(said, values...)
	}
	return plain(lang, text)
}
