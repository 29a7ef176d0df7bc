package metric

import (
	"fmt"
	"strings"
)

// String writes the score and how it was measured on one plain line.
func (s Score) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %.4g", s.Name, s.Value)
	if s.Unit != "" {
		b.WriteString(" " + s.Unit)
	}
	fmt.Fprintf(&b, " ± %.2g", s.Deviation)
	var how []string
	if s.Better != Neither {
		how = append(how, string(s.Better)+" is better")
	}
	if s.Floor != nil {
		how = append(how, fmt.Sprintf("real against real %.4g ± %.2g", *s.Floor, s.FloorDeviation))
	}
	how = append(how, fmt.Sprintf("%d samples × %d draws", s.N, s.Draws))
	if s.Space != "" {
		how = append(how, "in "+s.Space)
	}
	fmt.Fprintf(&b, " (%s)", strings.Join(how, ", "))
	if s.Note != "" {
		b.WriteString("; " + s.Note)
	}
	return b.String()
}

// Interval is where the score lies with 95 % of confidence, by its standard error; not ok
// if that was not measured.
func (s Score) Interval() (low, high float64, ok bool) {
	const normal = 1.96
	return s.Value - normal*s.Error, s.Value + normal*s.Error, s.Error > 0
}

// Worse reports whether the score is worse than another of the same name; a
// diagnostic is never worse.
func (s Score) Worse(than Score) bool {
	switch s.Better {
	case Lower:
		return s.Value > than.Value
	case Higher:
		return s.Value < than.Value
	default:
		return false
	}
}
