package summary

import (
	"strings"
	"unicode"

	snowball "github.com/kljensen/snowball/english"
)

// A Rouge holds the ROUGE scores of a summary against a reference: the F-measures of unigrams,
// bigrams and the longest common subsequence, 0 to 1 (Lin 2004, ROUGE: A Package for Automatic
// Evaluation of Summaries).
type Rouge struct{ One, Two, L float64 }

// RougeOf compares a summary with a reference. Words are tokenized as in the package rouge-score:
// lower-case letters and digits only, optionally stemmed, by Porter's second stemmer instead of its
// first; each Chinese character is a word.
func RougeOf(summary, reference string, stem bool) Rouge {
	a, b := rougeWords(summary, stem), rougeWords(reference, stem)
	return Rouge{overlap(a, b, 1), overlap(a, b, 2), fMeasure(common(a, b), len(a), len(b))}
}

func rougeWords(text string, stem bool) (all []string) {
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			w := word.String()
			if stem && len(w) > 3 {
				w = snowball.Stem(w, false)
			}
			all = append(all, w)
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			end()
			all = append(all, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word.WriteRune(unicode.ToLower(r))
		default:
			end()
		}
	}
	end()
	return all
}

// overlap is the F-measure of the n-grams that two texts share, with clipped counts.
func overlap(a, b []string, n int) float64 {
	counts := map[string]int{}
	for i := range max(0, len(b)-n+1) {
		counts[strings.Join(b[i:i+n], " ")]++
	}
	shared := 0
	for i := range max(0, len(a)-n+1) {
		gram := strings.Join(a[i:i+n], " ")
		if counts[gram] > 0 {
			counts[gram]--
			shared++
		}
	}
	return fMeasure(shared, len(a)-n+1, len(b)-n+1)
}

func fMeasure(shared, a, b int) float64 {
	if shared == 0 {
		return 0
	}
	precision, recall := float64(shared)/float64(a), float64(shared)/float64(b)
	return 2 * precision * recall / (precision + recall)
}

// common is the length of the longest common subsequence.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
