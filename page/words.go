package page

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// inLanguage is a text of the pages in a language; English where it has none.
func inLanguage(lang, text string) string {
	if lang == "zh" {
		if s, ok := chinese()[text]; ok {
			return s
		}
	}
	return text
}

// scriptWords are the texts of the scripts in a language, those that differ from the English.
func scriptWords(lang string) map[string]string {
	words := map[string]string{}
	if lang == "en" {
		return words
	}
	for _, text := range spoken() {
		words[text] = inLanguage(lang, text)
	}
	for _, label := range labels() { // which messages of the API name
		words[label] = inLanguage(lang, label)
	}
	return words
}

// docIn is the line about an app in a language.
func docIn(lang, name, doc string) string {
	if lang == "zh" {
		if s, ok := chineseApps()[name]; ok {
			return s
		}
	}
	first, size := utf8.DecodeRuneInString(doc)
	return plain("en", string(unicode.ToUpper(first))+doc[size:])
}

// titleOf is what an app, or an input, is called on pages.
func titleOf(name string) string {
	if name == "n" {
		return "Number"
	}
	name = strings.ReplaceAll(name, "_", " ")
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
