package charset

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Rare letters may be chance: a letter must occur this often to belong to the language, and a pair
// that was not seen counts as seen this often.
const (
	fewestSeen = 3
	fewestOf   = 20_000 // per this number of letters
	doubt      = 4.0
	mostCost   = 26 // half bits
)

// Learn builds the table of a language from a text: its letters, and for each preceding symbol the
// costs of the following ones, both in the order of the letters after the symbol for everything
// else. A cost is the negative logarithm of the probability, in half bits.
func Learn(name, text string) string {
	seen := map[rune]int{}
	total, ascii := 0, 0
	for _, r := range text {
		if isLetter(r) {
			seen[fold(r)]++
			total++
			if r < utf8.RuneSelf {
				ascii++
			}
		}
	}
	latin := ascii > total/2
	var letters []rune
	for r, n := range seen {
		if n*fewestOf >= fewestSeen*total && (r > 'z' || latin) {
			letters = append(letters, r)
		}
	}
	for r := 'a'; r <= 'z' && latin; r++ {
		letters = append(letters, r)
	}
	slices.Sort(letters)
	letters = slices.Compact(letters)

	size := len(letters) + 1
	counts := make([]int, size*size)
	sums, ends := make([]int, size), make([]int, size)
	before, pairs := 0, 0
	for _, r := range text + " " {
		at, ok := slices.BinarySearch(letters, fold(r))
		if at++; !ok {
			at = 0
		}
		if before > 0 || at > 0 {
			counts[before*size+at]++
			sums[before]++
			ends[at]++
			pairs++
		}
		before = at
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", name, string(letters))
	for a := range size {
		for b := range size {
			p := float64(ends[b]+1) / float64(pairs+size)
			p = (float64(counts[a*size+b]) + doubt*p) / (float64(sums[a]) + doubt)
			cost := min(mostCost, int(math.Round(-2*math.Log2(p))))
			if a == 0 && b == 0 {
				cost = inSeries
			}
			out.WriteByte(firstCost + byte(cost))
		}
		out.WriteByte('\n')
	}
	return out.String()
}
