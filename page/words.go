package page

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/app"
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
	for _, text := range slices.Concat(spoken(), curves) {
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

// reasonIn is a reason for which works are left out in a language.
func reasonIn(lang, why string) string {
	if s := chineseWords().Reasons[why]; lang == "zh" && s != "" {
		return s
	}
	return why
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

// labelOf is what an input is called on pages. The same name stands for ways to do something and for
// amounts.
func labelOf(in app.Input) string {
	if in.Name == "by" && len(in.Choices()) > 0 {
		return "Method"
	}
	return titleOf(in.Name)
}

// lost is what the page says of an address without one.
const lost = "there is no page %s"

// givenTo begins the line below an answer that says what the model was given to answer from, and
// builtInAnswers is the name there of those about Atelier, see [app.Chat].
const givenTo, builtInAnswers = "(given to the model: ", "the built-in answers about Atelier"

// sourcesIn is an answer with the line about its sources in a language.
func sourcesIn(lang, answer string) string {
	at := strings.LastIndexByte(answer, '\n') + 1
	names, ok := strings.CutPrefix(answer[at:], givenTo)
	if !ok {
		return answer
	}
	return answer[:at] + inLanguage(lang, givenTo) + strings.Replace(names, builtInAnswers, inLanguage(lang, builtInAnswers), 1)
}
