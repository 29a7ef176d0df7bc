package clean

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"atelier/internal/pattern"
)

var (
	// calledNumbers are numbers that follow a word for telephone.
	calledNumbers = pattern.New(`(?i)(?:\b(?:tel|telephone|telef[oa]on|telefono?|telefone|telefax|mobile?|mob|phone|fax|handy|gsm|cell|cellulare|celular|cel|puh|puhelin|portable)|tél|téléphone|teléfono|móvil|電話(?:番号)?|电话|手机|手機|携帯|휴대폰|휴대전화|전화|тел|телефон|моб|мобильный|факс|τηλ|τηλέφωνο)[.:： \x{a0}]{0,4}(?:(?:no|nr|number|nummer|numéro|número|n°|番号|번호|号码|號碼|№|phone|is)[.:： ]{1,3})?([+(]{0,2}[0-9](?:[ .\-/()]{0,3}[0-9]){6,14})`)
	// dated matches years, dates, fractions and frequencies.
	dated = pattern.New(`^(?:(?:19|20)\d\d[ \-/]{1,3}(?:19|20)\d\d|(?:19|20)\d\d[\-./]\d\d?[\-./]\d\d?|\d\d?[\-./]\d\d?[\-./](?:19|20)\d\d|\d\.\d+|[89][05]0 ?/ ?1[89]00.*)$`)
)

// calledMarks are the beginnings of words for telephone.
var calledMarks = sync.OnceValue(func() *marks {
	return byFirst(inCases(
		"tel", "mob", "phone", "fax", "handy", "gsm", "cel", "puh", "portable", "tél", "móvil", "電話", "电话", "手机", "手機", "携帯", "휴대", "전화",
		"тел", "моб", "факс", "τηλ",
	)...)
})

// inCases returns words with each letter beyond ASCII in both cases.
func inCases(words ...string) (all []string) {
	for _, w := range words {
		forms := []string{""}
		for _, r := range w {
			n := len(forms)
			for i := range n {
				if upper := unicode.ToUpper(r); r >= utf8.RuneSelf && upper != r {
					forms = append(forms, forms[i]+string(upper))
				}
				forms[i] += string(r)
			}
		}
		all = append(all, forms...)
	}
	return all
}

// isCalled reports whether a word for telephone precedes a number of a line.
func isCalled(s string) bool {
	const reach = 52 // bytes: the word, its marks and "number"
	for i := 1; i < len(s); i++ {
		if isDigit(s[i]) && !isDigit(s[i-1]) && calledMarks().in(s[max(0, i-reach):i]) {
			return true
		}
	}
	return false
}

// findCalled finds telephone numbers of any country by the word before them.
func findCalled(s string, add func(from, to int, kind string)) {
	if !isCalled(s) {
		return
	}
	for _, m := range calledNumbers().FindAllStringSubmatchIndex(s, -1) {
		from, to := m[2], m[3]
		for to > from && to < len(s) && isWord(s[to]) { // the last run belongs to something else
			to = from + len(strings.TrimRight(strings.TrimRight(s[from:to], "0123456789"), " .-/()"))
		}
		if number := s[from:to]; countDigits(number) >= 7 && !dated().MatchString(number) {
			add(from, to, "PHONE")
		}
	}
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
