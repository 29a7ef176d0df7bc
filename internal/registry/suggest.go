package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const didYouMean = "did you mean "

// Suggest says which of the names was probably meant by a wrong one, and lists
// them all: `did you mean "hinge"? there are hinge, lsgan, minimax`.
func Suggest(wrong string, names []string) string { return SuggestSome(wrong, names, len(names)) }

// SuggestSome is Suggest with at most so many of the names, the nearest.
func SuggestSome(wrong string, names []string, most int) string {
	var b strings.Builder
	best, nearest := max(2, len(wrong)/3)+1, ""
	for _, n := range names {
		if d := distance(strings.ToLower(wrong), strings.ToLower(n)); d < best && wrong != "" {
			best, nearest = d, n
		}
	}
	if nearest != "" {
		b.WriteString(didYouMean + "\"" + nearest + "\"? ")
	}
	switch more := len(names) - most; {
	case len(names) == 0:
		b.WriteString("there are none")
	case more > 0:
		near := slices.Sorted(slices.Values(names))
		slices.SortStableFunc(near, func(a, b string) int {
			return cmp.Compare(distance(strings.ToLower(wrong), strings.ToLower(a)), distance(strings.ToLower(wrong), strings.ToLower(b)))
		})
		fmt.Fprintf(&b, "there are %s and %d more", strings.Join(slices.Sorted(slices.Values(near[:most])), ", "), more)
	default:
		b.WriteString("there are " + strings.Join(slices.Sorted(slices.Values(names)), ", "))
	}
	return b.String()
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
