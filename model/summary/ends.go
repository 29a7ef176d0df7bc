package summary

import (
	"strconv"
	"strings"
	"sync"

	"atelier/internal/pattern"
)

// The tokenizer takes a number with a full stop for one of a list, so that no sentence ends in a year,
// and ends sentences after abbreviations that it does not know.
var (
	numberEnd = pattern.New(`(?:^|\s)([0-9]{1,9})\.\s+["'“‘«(\[]*[\p{Lu}\p{Lt}\p{Lo}]`)
	// leadOn are abbreviations that end no sentence before a number, a bracket or a small letter.
	leadOn = pattern.New(`(?:^|[\s(\[])(?i:al|figs?|vols?|pp?|secs?|sect|eqs?|approx|ch|chap|nos?|refs?|ver|cf|ca|resp)\.$|(?:^|[\s(\[])(?:Art|Tab|App|Nr)\.$`)
	goesOn = pattern.New(`^\s+[\p{Nd}\p{Ll}(\[§]`)
	// englishWord are those that tell English from languages that write ordinal numbers with a full stop.
	englishWord = pattern.New(`(?i)\b(?:the|of|and|they|she|his|their|our|with|that|this|from|has|have|were|which|you|not|it)\b`)
	months      = pattern.New(`^\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)\b`)
)

// The least that is before the full stop of a sentence that ends in a number: fewer words are a label, as
// "Figure 5." of what follows it; and numbers as small as these may be ordinal.
const (
	leastBefore = 2
	mostOrdinal = 99
)

// mended are the sentences of a paragraph, divided after numbers that end one and joined where an
// abbreviation ended none.
func mended(paragraph string, all []piece) (right []piece) {
	for _, s := range all {
		if n := len(right); n > 0 && leadsOn(right[n-1].text) && goesOn().MatchString(paragraph[s.start:]) {
			right[n-1].text = paragraph[right[n-1].start : s.start+len(s.text)]
			continue
		}
		right = append(right, s)
	}
	all, right = right, nil
	lists := listNumbers(paragraph)
	isEnglish := sync.OnceValue(func() bool { return englishWord().MatchString(paragraph) })
	for _, s := range all {
		from := 0
		for _, at := range numberEnd().FindAllStringSubmatchIndex(s.text, -1) {
			end := at[3] + 1 // after the full stop
			if lists[s.start+at[2]] || isLabel(s.text[from:at[2]]) || isOrdinal(s.text[at[2]:at[3]], s.text[end:], isEnglish) {
				continue
			}
			right = append(right, piece{text: s.text[from:end], start: s.start + from})
			from = end
		}
		right = append(right, piece{text: s.text[from:], start: s.start + from})
	}
	return right
}

// leadsOn reports whether a sentence ends in an abbreviation that leads on to what follows.
func leadsOn(sentence string) bool {
	const most = 16 // bytes, more than the longest abbreviation has
	return leadOn().MatchString(sentence[max(0, len(sentence)-most):])
}

// isLabel reports whether there are too few words before a number for a sentence.
func isLabel(before string) bool {
	words := 0
	for range strings.FieldsSeq(before) {
		if words++; words == leastBefore {
			return false
		}
	}
	return true
}

// isOrdinal reports whether a number with a full stop may be an ordinal number: in English, of a day
// before its month alone.
func isOrdinal(number, after string, isEnglish func() bool) bool {
	n, err := strconv.Atoi(number)
	return err == nil && n <= mostOrdinal && (months().MatchString(after) || !isEnglish())
}

// listNumbers are the positions of numbers that count the items of a list within a paragraph: 1., 2. and so on.
func listNumbers(paragraph string) map[int]bool {
	found := map[int]bool{}
	for _, at := range numberEnd().FindAllStringSubmatchIndex(paragraph, -1) {
		if paragraph[at[2]:at[3]] == strconv.Itoa(len(found)+1) {
			found[at[2]] = true
		}
	}
	if len(found) < 2 {
		return nil
	}
	return found
}
