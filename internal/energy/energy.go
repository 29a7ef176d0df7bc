// Package energy measures the energy that the processors take, or estimates it where there is no
// counter.
package energy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Joules is an amount of energy.
type Joules float64

// A Use is the energy that work took. Measured energy has Low equal to High; estimated energy is a
// range. The zero Use is that of no work.
type Use struct {
	// Low and High are the ends of the range.
	Low  Joules `json:"low_joules"`
	High Joules `json:"high_joules"`
	// Seconds is how long the work took, Measured the part of it that counters measured, and
	// Processor the processor time of this program, over all cores.
	Seconds   float64 `json:"seconds"`
	Measured  float64 `json:"measured_seconds"`
	Processor float64 `json:"processor_seconds"`
	// How says how the energy was measured or estimated, one entry per way.
	How []string `json:"how"`
}

// Plus is the energy of two pieces of work.
func (u Use) Plus(v Use) Use {
	u.How = slices.Clone(u.How)
	for _, how := range v.How {
		if !slices.Contains(u.How, how) {
			u.How = append(u.How, how)
		}
	}
	u.Low, u.High = u.Low+v.Low, u.High+v.High
	u.Seconds, u.Measured, u.Processor = u.Seconds+v.Seconds, u.Measured+v.Measured, u.Processor+v.Processor
	return u
}

// Minus is the energy of what came after the work v, which is part of u.
func (u Use) Minus(v Use) Use {
	u.How = slices.Clone(u.How)
	u.Low, u.High = max(0, u.Low-v.Low), max(0, u.High-v.High)
	u.Seconds, u.Measured, u.Processor = max(0, u.Seconds-v.Seconds), max(0, u.Measured-v.Measured), max(0, u.Processor-v.Processor)
	return u
}

// Times is the energy of the work done factor times.
func (u Use) Times(factor float64) Use {
	u.Low, u.High = Joules(float64(u.Low)*factor), Joules(float64(u.High)*factor)
	u.Seconds, u.Measured, u.Processor = u.Seconds*factor, u.Measured*factor, u.Processor*factor
	return u
}

// Known reports whether there is anything to say: work that took time, with finite figures, as
// opposed to a damaged record.
func (u Use) Known() bool {
	return u.Seconds > 0 && u.Low >= 0 && u.High >= u.Low && float64(u.High) < math.MaxFloat32 && u.Seconds < math.MaxFloat32
}

// String is the range in watt hours, or in joules if that is little.
func (u Use) String() string { return inRange(u.High, u.Low) }

func inRange(high, low Joules) string {
	unit, size := "Wh", 3600.
	if high < 360 {
		unit, size = "J", 1
	}
	a, b := figures(float64(low)/size), figures(float64(high)/size)
	if a == b {
		return a + " " + unit
	}
	return a + " to " + b + " " + unit
}

// figures writes a number with two significant digits, as far as it is below 100.
func figures(x float64) string {
	if x >= 100 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// String is the amount in watt hours, or in joules if it is little.
func (j Joules) String() string { return inRange(j, j) }

// Carbon is the emission in grams of CO2 equivalents, given that of a kilowatt hour of the grid.
func (u Use) Carbon(gramsPerKWh float64) (low, high float64) {
	const kWh = 3.6e6
	return float64(u.Low) / kWh * gramsPerKWh, float64(u.High) / kWh * gramsPerKWh
}

// Grams writes a range of grams.
func Grams(low, high float64) string {
	if a, b := figures(low), figures(high); a != b {
		return a + " to " + b + " g"
	}
	return figures(high) + " g"
}

// Method says in a few words how the energy is known.
func (u Use) Method() string {
	switch {
	case u.Measured >= u.Seconds:
		return "measured"
	case u.Measured == 0:
		return "estimated"
	}
	return fmt.Sprintf("measured for %.0f of %.0f s, estimated for the rest", u.Measured, u.Seconds)
}

// units are those that amounts are written in, longest name first.
var units = []struct {
	name   string
	joules float64
}{{"kWh", 3.6e6}, {"mWh", 3.6}, {"MJ", 1e6}, {"kJ", 1e3}, {"Wh", 3600}, {"J", 1}}

// Parse reads an amount such as 20Wh, 0.5kWh or 900J.
func Parse(text string) (Joules, error) {
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.TrimSpace(text), u.name)
		if !ok {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(x > 0) || x*u.joules > 1e15 {
			break
		}
		return Joules(x * u.joules), nil
	}
	return 0, fmt.Errorf("want an amount of energy such as 20Wh, 0.5kWh or 900J, got %q", cmp.Or(text, ""))
}
