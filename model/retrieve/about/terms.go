package about

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"atelier/internal/pattern"
	"atelier/model/retrieve"
)

//go:embed terms.txt
var glossary string

// A term is explained in both languages.
type term struct{ english, chinese string }

// terms are those of the glossary, by their names.
var terms = sync.OnceValue(func() map[string]term {
	all := map[string]term{}
	for _, line := range lines(glossary) {
		parts := strings.Split(line, " | ")
		for name := range strings.SplitSeq(parts[0], ",") {
			all[strings.TrimSpace(name)] = term{parts[1], parts[2]}
		}
	}
	return all
})

// The forms of questions for the meaning of a term.
var meanings = []func() *regexp.Regexp{
	pattern.New(`(?i)^(?:so |and )?what (?:does|do|is meant by|is|are|was)(?: the| a| an)? (?:(?:score|scores|term|word|metric) )?["'“‘` + "`" + `]?(.+?)["'”’` + "`" + `]?(?: mean| stand for| again)?(?: here| in atelier)?\s*\??$`),
	pattern.New(`(?i)^(?:please )?(?:define|explain)(?: the (?:score|term|word|metric))? ["'` + "`" + `]?(.+?)["'` + "`" + `]?\s*[.?!]?$`),
	pattern.New(`(?i)^(?:what is )?the meaning of ["'` + "`" + `]?(.+?)["'` + "`" + `]?\s*\??$`),
	pattern.New(`(?i)^\s*(.+?)\s*(?:是|代表)?(?:什么意思|什麼意思|什么含义|的意思是什么|的含义是什么|是什么|指什么)\s*[？?]?$`),
	pattern.New(`(?i)^(?:什么是|什麼是|解释一下|解释)\s*(.+?)\s*[？?]?$`),
}

// termAsked is the term whose meaning a question asks for; false if it asks for something else.
func termAsked(question string) (name string, ok bool) {
	for _, form := range meanings {
		if found := form().FindStringSubmatch(strings.TrimSpace(question)); found != nil {
			return strings.ToLower(strings.TrimSpace(found[1])), true
		}
	}
	return "", false
}

// explained is the answer that explains a term of the glossary.
func explained(question, name string) (retrieve.Match, bool) {
	t, ok := terms()[name]
	if !ok {
		return retrieve.Match{}, false
	}
	answer := t.english
	if retrieve.IsChinese(question) {
		answer = t.chinese
	}
	return retrieve.Match{Turn: retrieve.Turn{ID: "term " + name, Questions: []string{question}, Answer: answer}, Share: 1, Likeness: 1, Terms: 1}, true
}

// asksMeaning reports whether a question asks what a word means. Where nothing is known of the word,
// the question should not find what its other words happen to be in.
func asksMeaning(question string) bool {
	return wordsOfMeaning().MatchString(question)
}

var wordsOfMeaning = pattern.New(`(?i)\bmean|\bstands? for\b|意思|含义`)
