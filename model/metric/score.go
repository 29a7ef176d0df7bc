package metric

import (
	"encoding/json"
	"fmt"
	"strings"
)

// String formats the score and how it was measured on one line.
func (s Score) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", s.Name, s.Plain())
	if s.Unit != "" && !s.TooFew {
		b.WriteString(" " + s.Unit)
	}
	var how []string
	if s.Better != Neither {
		how = append(how, string(s.Better)+" is better")
	}
	if s.Floor != nil {
		how = append(how, fmt.Sprintf("real against real %.4g ± %.2g", *s.Floor, s.FloorDeviation))
	}
	samples := fmt.Sprintf("%d samples", s.N)
	if !s.same() {
		samples += fmt.Sprintf(" × %d draws", s.Draws)
	}
	how = append(how, samples)
	if s.Space != "" {
		how = append(how, "in "+s.Space)
	}
	fmt.Fprintf(&b, " (%s)", strings.Join(how, ", "))
	if s.Note != "" {
		b.WriteString("; " + s.Note)
	}
	return b.String()
}

// same reports whether all draws gave the same value.
func (s Score) same() bool { return s.Deviation == 0 && s.Floor == nil && !s.TooFew }

// Samples is the number of examples measured, and of draws unless all gave the same value.
func (s Score) Samples() string {
	if s.same() {
		return fmt.Sprint(s.N)
	}
	return fmt.Sprintf("%d × %d", s.N, s.Draws)
}

// Plain is the value with its deviation, or a remark that there were too few examples.
func (s Score) Plain() string {
	if s.TooFew {
		return tooFew
	}
	if s.Deviation == 0 {
		return fmt.Sprintf("%.4g", s.Value)
	}
	return fmt.Sprintf("%.4g ± %.2g", s.Value, s.Deviation)
}

// tooFew replaces a number that would mislead.
const tooFew = "too few to tell"

// MarshalJSON encodes a score. With too few examples, the value is null.
func (s Score) MarshalJSON() ([]byte, error) {
	type plain Score // without this method
	if !s.TooFew {
		return json.Marshal(plain(s))
	}
	return json.Marshal(struct {
		plain
		Value *float64 `json:"value"`
	}{plain: plain(s)})
}

// Interval is the 95 % confidence interval, from the standard error; not ok if that was not
// measured.
func (s Score) Interval() (low, high float64, ok bool) {
	const normal = 1.96
	return s.Value - normal*s.Error, s.Value + normal*s.Error, s.Error > 0
}

// Worse reports whether the score is worse than another of the same name; a diagnostic, or one with
// too few examples, never is.
func (s Score) Worse(than Score) bool {
	switch {
	case s.TooFew || than.TooFew:
		return false
	case s.Better == Lower:
		return s.Value > than.Value
	case s.Better == Higher:
		return s.Value < than.Value
	default:
		return false
	}
}

// OfClass reports whether the score is the share of one class.
func (s Score) OfClass() bool {
	_, ok := classOf(s)
	return ok
}

// Telling reports whether the score can distinguish checkpoints: there were enough examples, and it
// is not at the end of its scale.
func (s Score) Telling() bool {
	return !s.TooFew && !(s.Better == Higher && s.Value == 1 && s.Deviation == 0)
}
