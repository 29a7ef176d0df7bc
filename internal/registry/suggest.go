package registry

import (
	"slices"
	"strings"
)

// Suggest says which of the names was probably meant by a wrong one, and lists
// them all: `did you mean "hinge"? there are hinge, lsgan, minimax`.
func Suggest(wrong string, names []string) string {
	var b strings.Builder
	best, nearest := max(2, len(wrong)/3)+1, ""
	for _, n := range names {
		if d := distance(strings.ToLower(wrong), n); d < best && wrong != "" {
			best, nearest = d, n
		}
	}
	if nearest != "" {
		b.WriteString("did you mean \"" + nearest + "\"? ")
	}
	if len(names) == 0 {
		b.WriteString("there are none")
	} else {
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
