package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const didYouMean = "did you mean "

// Suggest names the most likely intended name for a wrong one, and lists them all: `did you mean
// "hinge"? there are hinge, lsgan, minimax`.
func Suggest(wrong string, names []string) string { return SuggestSome(wrong, names, len(names)) }

// Nearest is the name most like a wrong one, empty if none is like it.
func Nearest(wrong string, names []string) (nearest string) {
	best := min(max(2, len(wrong)/3), max(1, len(wrong)-1)) + 1 // so that something of it is left
	for _, n := range names {
		d := distance(strings.ToLower(wrong), strings.ToLower(n))
		if strings.HasSuffix(n, "/"+wrong) { // 16 means 1/16
			d = 0
		}
		if d < best && wrong != "" {
			best, nearest = d, n
		}
	}
	return nearest
}

// SuggestSome is Suggest with at most n of the names, the nearest.
func SuggestSome(wrong string, names []string, most int) string {
	var b strings.Builder
	if nearest := Nearest(wrong, names); nearest != "" {
		b.WriteString(didYouMean + "\"" + nearest + "\"? ")
	}
	switch more := len(names) - most; {
	case len(names) == 0:
		b.WriteString("there are none")
	case more > 0:
		near := slices.SortedFunc(slices.Values(names), byNumbers)
		slices.SortStableFunc(near, func(a, b string) int {
			return cmp.Compare(distance(strings.ToLower(wrong), strings.ToLower(a)), distance(strings.ToLower(wrong), strings.ToLower(b)))
		})
		fmt.Fprintf(&b, "there are %s and %d more", strings.Join(slices.SortedFunc(slices.Values(near[:most]), byNumbers), ", "), more)
	default:
		b.WriteString("there are " + strings.Join(slices.SortedFunc(slices.Values(names), byNumbers), ", "))
	}
	return b.String()
}

// byNumbers compares names with embedded numbers compared numerically: 1/8 comes before 1/16.
func byNumbers(a, b string) int {
	number := func(s string) (digits, rest string) {
		rest = strings.TrimLeft(s, "0123456789")
		return strings.TrimLeft(s[:len(s)-len(rest)], "0"), rest
	}
	for x, y := a, b; x != "" && y != ""; {
		n, restX := number(x)
		m, restY := number(y)
		if len(restX) < len(x) && len(restY) < len(y) {
			if c := cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m)); c != 0 {
				return c
			}
			x, y = restX, restY
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
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
