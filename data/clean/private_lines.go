package clean

import (
	_ "embed"
	"strings"

	"atelier/internal/pattern"
)

// privateLines are 300 lines in English and Chinese that the cleaner private is measured on.
// Personal data is marked {{KIND ...}}; people, numbers and keys are invented. The odd lines are
// for tuning, the even ones held out. The author of the cleaner wrote both: real texts are harder.
//
//go:embed testdata/private.txt
var privateLines string

// PrivateLines returns the lines for tuning and the held-out ones.
func PrivateLines() (tuned, heldOut []string) {
	for i, line := range strings.Split(strings.TrimSpace(privateLines), "\n") {
		if i%2 == 0 {
			tuned = append(tuned, line)
		} else {
			heldOut = append(heldOut, line)
		}
	}
	return tuned, heldOut
}

// A Tally counts true positives, false positives and false negatives.
type Tally struct{ Right, Wrong, Missed int }

// Precision is the share of findings that are right, in %.
func (n Tally) Precision() float64 { return 100 * float64(n.Right) / float64(max(1, n.Right+n.Wrong)) }

// Recall is the share of personal data that was found, in %.
func (n Tally) Recall() float64 { return 100 * float64(n.Right) / float64(max(1, n.Right+n.Missed)) }

var marked = pattern.New(`\{\{([A-Z]+) (.*?)\}\}`)

// unmarked returns a line without its marks, and the marked ranges.
func unmarked(line string) (plain string, want map[finding]bool) {
	want = map[finding]bool{}
	var out strings.Builder
	end := 0
	for _, m := range marked().FindAllStringSubmatchIndex(line, -1) {
		out.WriteString(line[end:m[0]])
		from := out.Len()
		out.WriteString(line[m[4]:m[5]])
		want[finding{from, out.Len(), line[m[2]:m[3]]}] = true
		end = m[1]
	}
	out.WriteString(line[end:])
	return out.String(), want
}

// Measure tallies the cleaner on marked lines: a finding must have the range and the kind of the
// mark. It also returns the errors.
func (c *Private) Measure(lines []string, tell func(what, kind, value string)) (n Tally) {
	for _, line := range lines {
		plain, want := unmarked(line)
		for _, f := range c.find(plain) {
			if want[f] {
				n.Right++
				delete(want, f)
				continue
			}
			n.Wrong++
			tell("wrongly", f.kind, plain[f.from:f.to])
		}
		n.Missed += len(want)
		for f := range want {
			tell("missed", f.kind, plain[f.from:f.to])
		}
	}
	return n
}
