package metric

import (
	"fmt"
	"strings"
)

// Between is the 95 % confidence interval, empty if it was not measured.
func (s Score) Between() string {
	low, high, ok := s.Interval()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.4g to %.4g", low, high)
}

// PlainFloor is the floor with its deviation, empty if it was not measured.
func (s Score) PlainFloor() string {
	if s.Floor == nil {
		return ""
	}
	return fmt.Sprintf("%.4g ± %.2g", *s.Floor, s.FloorDeviation)
}

// Sentence is the score in words, with its interval and its floor.
func (s Score) Sentence() string {
	if s.TooFew {
		return fmt.Sprintf("%s: %s.", s.Name, tooFew)
	}
	unit := ""
	if s.Unit != "" {
		unit = " " + s.Unit
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %.4g%s", s.Name, s.Value, unit)
	if s.Unit == "%" && s.Value == 0 && s.Error == 0 && s.N > 0 {
		// The rule of three (Hanley and Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031).
		fmt.Fprintf(&b, ", with 95 %% confidence below %.2g %%", 300/float64(s.N))
	} else if low, high, ok := s.Interval(); ok {
		fmt.Fprintf(&b, ", with 95 %% confidence between %.4g and %.4g", low, high)
	} else if s.Deviation > 0 {
		fmt.Fprintf(&b, ", with a standard deviation of %.2g over %d draws", s.Deviation, s.Draws)
	}
	if s.Floor != nil {
		fmt.Fprintf(&b, "; real training against real held-out examples have %s", s.PlainFloor())
	}
	switch s.Better {
	case Lower, Higher:
		fmt.Fprintf(&b, "; %s is better", s.Better)
	default:
		b.WriteString("; neither higher nor lower is better")
	}
	if s.Note != "" {
		b.WriteString(" (" + s.Note + ")")
	}
	return b.String() + "."
}
