package clean

import (
	_ "embed"
	"strings"
)

// privateLines are 300 lines in English and Chinese by which the cleaner private is
// measured. What is personal stands in {{KIND ...}}; people, numbers and keys are
// invented. The cleaner may be tuned by the first, third, ... line; the others are
// held out. Whoever wrote the cleaner wrote both, so that strangers' texts are harder.
//
//go:embed testdata/private.txt
var privateLines string

// PrivateLines returns the lines that the cleaner may be tuned by, and those that are
// held out.
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

// A Tally counts what a cleaner found rightly and wrongly, and what it missed.
type Tally struct{ Right, Wrong, Missed int }

// Precision is the share of what was found that is right, in %.
func (n Tally) Precision() float64 { return 100 * float64(n.Right) / float64(max(1, n.Right+n.Wrong)) }

// Recall is the share of what there is that was found, in %.
func (n Tally) Recall() float64 { return 100 * float64(n.Right) / float64(max(1, n.Right+n.Missed)) }

var marked = pattern(`\{\{([A-Z]+) (.*?)\}\}`)

// unmarked returns a line without its marks, and what they mark.
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

// Measure counts how the cleaner does on marked lines: what it finds must begin and
// end where the mark does, and be of its kind. What it gets wrong is told.
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
