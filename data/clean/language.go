package clean

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/abadojack/whatlanggo"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("language", "keeps texts in the listed languages, identified by trigrams of their first 512 characters (Cavnar and Trenkle 1994, N-gram-based text categorization; whatlanggo)",
		func() data.Cleaner { return &Language{Fewest: 24, Sure: 0.2} })
}

// Language keeps texts in the given languages. Simplified and traditional Chinese count as one.
// Texts whose language is uncertain are kept.
type Language struct {
	Keep   string  `help:"codes of the languages to keep, ISO 639-1 or -3: \"en,zh\"; if empty, all are"`
	Fewest int     `help:"texts shorter than this many characters are kept: their language is uncertain"`
	Sure   float64 `help:"confidence below which the language is in doubt, 0.01 to 1"`
}

const languageSample = 512 // characters

// Check refuses settings outside their range.
func (c *Language) Check() error {
	for _, code := range listed(c.Keep) {
		if _, ok := languages()[code]; !ok {
			return registry.Unfit("keep", fmt.Sprintf("want codes of languages such as \"en,zh\", got %q", code))
		}
	}
	switch {
	case c.Fewest < 0:
		return registry.Unfit("fewest", fmt.Sprintf("want 0 or more characters, got %d", c.Fewest))
	case !(c.Sure >= 0.01 && c.Sure <= 1):
		return registry.Unfit("sure", fmt.Sprintf("want 0.01 to 1, got %g", c.Sure))
	}
	return nil
}

// languages are all supported languages, by code.
var languages = sync.OnceValue(func() map[string]whatlanggo.Lang {
	m := map[string]whatlanggo.Lang{}
	for lang := range whatlanggo.Langs {
		m[lang.Iso6391()], m[lang.Iso6393()] = lang, lang
	}
	delete(m, "")
	return m
})

// Clean implements [data.Cleaner].
func (c *Language) Clean(p *data.Piece) error {
	if c.Keep == "" {
		return nil
	}
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	s, n := opening(t.body, languageSample)
	if n < c.Fewest {
		return nil
	}
	if plainlyEnglish(s) {
		return c.judge(whatlanggo.Eng)
	}
	// If two languages are equally likely, the library returns either, with confidence 0: the
	// language is uncertain.
	info := whatlanggo.Detect(s)
	if info.Lang < 0 || permille(info.Confidence) < permille(c.Sure) {
		return nil
	}
	return c.judge(info.Lang)
}

// judge drops a text whose language is not listed.
func (c *Language) judge(lang whatlanggo.Lang) error {
	if slices.ContainsFunc(listed(c.Keep), func(code string) bool { return languages()[code] == lang }) {
		return nil
	}
	return data.Dropf("other language", "%s", lang.String())
}

// plainlyEnglish reports whether at least one word in seven is a word that only English has. That
// holds for nine of ten English texts, and is ten times as fast as detection.
func plainlyEnglish(s string) bool {
	words, english := 0, 0
	for word := range strings.FieldsSeq(s) {
		words++
		switch word {
		case "the", "The", "and", "And", "of", "that", "with", "this", "which", "from", "they", "have":
			english++
		}
	}
	return english >= 4 && english*7 >= words
}

// opening returns the first characters of a text, and their number.
func opening(s string, most int) (string, int) {
	n := 0
	for i := range s {
		if n == most {
			return s[:i], n
		}
		n++
	}
	return s, n
}
