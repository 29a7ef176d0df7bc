package app

import (
	"slices"
	"strings"
	"unicode"

	"atelier/internal/badinput"
	"atelier/model/grammar"
	"atelier/model/language"
	"atelier/model/verse"
)

// constraint returns a function that makes the constraint for a text from its beginning; nil for
// none.
func (w Write) constraint(p *pen) (func(begun string, room int) (language.Constraint, error), error) {
	if len(w.Ban) == 0 && w.Verse == "" && !w.Schema.Given() {
		return nil, nil
	}
	texts := make([]string, p.model.Vocabulary)
	for token := range texts {
		texts[token] = p.text(int32(token))
	}
	text := func(token int32) string { return texts[token] }
	form := func(string, int) (language.Constraint, error) { return nil, nil }
	switch {
	case w.Schema.Given():
		vocabulary := grammar.NewVocabulary(text, len(texts))
		form = func(_ string, room int) (language.Constraint, error) {
			c, err := vocabulary.JSON(w.Schema.Bytes)
			if err != nil {
				return nil, badinput.Errorf("%s: %w", w.Schema.Name, err)
			}
			if err := c.LimitTokens(room); err != nil {
				return nil, badinput.Errorf("%s: %w", w.Schema.Name, err)
			}
			return c, nil
		}
	case w.Verse != "":
		if p.tokenizer != nil && !slices.ContainsFunc(texts, isChinese) {
			return nil, badinput.Errorf("%s cannot write Chinese: no token of its vocabulary has a Chinese character, which verse needs", p.Name)
		}
		c, err := w.verse(text, len(texts))
		if err != nil {
			return nil, err
		}
		form = func(begun string, _ int) (language.Constraint, error) {
			one := c.Clone()
			return one, one.Start(begun)
		}
	}
	return func(begun string, room int) (language.Constraint, error) {
		c, err := form(begun, room)
		if err == nil && len(w.Ban) > 0 {
			c = language.Both(c, language.Without(w.Ban, texts))
		}
		return c, err
	}, nil
}

// isChinese reports whether a text has a Chinese character.
func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// verse is the requested form of verse.
func (w Write) verse(text func(token int32) string, vocabulary int) (*verse.Constraint, error) {
	form, err := verse.Parse(w.Verse)
	if err != nil {
		return nil, err
	}
	var rhymes *verse.Rhymes
	if w.Rhymes.Given() {
		if rhymes, err = verse.ParseRhymes(w.Rhymes.Bytes); err != nil {
			return nil, badinput.Errorf("%s: %w", w.Rhymes.Name, err)
		}
	}
	return verse.New(form, rhymes, text, vocabulary)
}
