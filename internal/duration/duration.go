// Package duration says in words how long things take.
package duration

import (
	"fmt"
	"math"
	"time"
)

// Roughly is a duration in two digits or so.
func Roughly(d time.Duration) string {
	of := func(n float64, unit string) string {
		text := fmt.Sprintf("%.2g", n)
		if n >= 10 {
			text = fmt.Sprintf("%.0f", n)
		}
		if text != "1" {
			unit += "s"
		}
		return text + " " + unit
	}
	switch {
	case d < 100*time.Second:
		return of(max(1, math.Round(d.Seconds())), "second")
	case d < 100*time.Minute:
		return of(d.Minutes(), "minute")
	case d < 48*time.Hour:
		return of(d.Hours(), "hour")
	}
	return of(d.Hours()/24, "day")
}
