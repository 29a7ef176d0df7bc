// Package about answers questions about Atelier itself, in English and Chinese, by answers that
// people wrote.
package about

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"sync"

	"atelier/model/retrieve"
)

//go:embed en.jsonl
var english []byte

//go:embed zh.jsonl
var chinese []byte

//go:embed words.txt
var words string

var (
	lexicon   = sync.OnceValue(func() *retrieve.Lexicon { return retrieve.NewLexicon(words) })
	inEnglish = sync.OnceValue(func() *retrieve.Questions { return retrieve.NewQuestions(turns(english), lexicon()) })
	inChinese = sync.OnceValue(func() *retrieve.Questions { return retrieve.NewQuestions(turns(chinese), lexicon()) })
)

// turns are those of JSON lines, which come with the program.
func turns(lines []byte) (all []retrieve.Turn) {
	for d := json.NewDecoder(bytes.NewReader(lines)); d.More(); {
		var t retrieve.Turn
		if err := d.Decode(&t); err != nil {
			panic("the embedded answers: " + err.Error())
		}
		all = append(all, t)
	}
	return all
}

// What has to be known of a question for an answer to be given: its share, and how like a
// known one it is.
const (
	leastShare    = 0.4
	leastLikeness = 0.2
	largeShare    = 0.7   // from which on likeness does not matter
	sameWords     = 0.999 // of a question that is known as it is
	alike         = 0.5   // of a question of which one term is known, which can be chance
)

// Find returns the known question nearest to one that is asked, in its language, or the meaning
// of a term of the glossary. It is false if none is near: too little of what is asked is known.
func Find(question string) (retrieve.Match, bool) {
	known := inEnglish
	if retrieve.IsChinese(question) {
		known = inChinese
	}
	found := known().Find(question, 1)
	if len(found) == 0 || found[0].Likeness < sameWords {
		if name, ok := termAsked(question); ok {
			if m, ok := explained(question, name); ok {
				return m, true
			}
			if alone := known().Find(name, 1); asksMeaning(question) && (len(alone) == 0 || alone[0].Share < leastShare) {
				return retrieve.Match{}, false
			}
		}
	}
	if len(found) == 0 {
		return retrieve.Match{}, false
	}
	best := found[0]
	if best.Terms == 1 {
		return best, best.Share >= largeShare && best.Likeness >= alike
	}
	return best, best.Share >= largeShare || best.Share >= leastShare && best.Likeness >= leastLikeness
}
