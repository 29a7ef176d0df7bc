// Package memory measures available memory, so that work that would not fit is refused before it
// begins.
package memory

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"

	"atelier/internal/badinput"
)

// A Limit is the memory that this process may use, in bytes, and its source.
type Limit struct {
	Bytes  float64
	source string // such as "this machine has 23.5 GB"
}

// Most is the current limit: the memory free on the machine, or in the process's container, plus
// what the process already has; or GOMEMLIMIT, if that is less. If it is unknown, there is no
// limit.
func Most() Limit {
	l := Limit{Bytes: math.Inf(1)}
	if total, free := system(); total > 0 {
		l.Bytes = min(total, free+own())
		l.source = "this machine has " + Size(total)
		if l.Bytes < 0.9*total {
			l.source += fmt.Sprintf(", of which %s are free", Size(l.Bytes))
		}
	}
	if set := float64(debug.SetMemoryLimit(-1)); set < l.Bytes && set < noLimit {
		l.Bytes, l.source = set, "GOMEMLIMIT allows "+Size(set)
	}
	return l
}

// noLimit stands for no limit.
const noLimit = 1 << 60

// String describes the limit, such as "this machine has 23.5 GB".
func (l Limit) String() string { return l.source }

// Check refuses work that takes more bytes than available: what names it, as the beginning of a
// sentence, and would do says what would fit.
func (l Limit) Check(what string, bytes float64, wouldDo string) error {
	if bytes <= l.Bytes {
		return nil
	}
	return badinput.Errorf("%s would need about %s of memory; %v: %s", what, Size(bytes), l, wouldDo)
}

// Size formats bytes, in units of 1024.
func Size(bytes float64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB", "PB"}
	at := 0
	for bytes >= 1000 && at < len(units)-1 {
		bytes, at = bytes/1024, at+1
	}
	if bytes >= 9.95 || at == 0 {
		return fmt.Sprintf("%.0f %s", bytes, units[at])
	}
	return fmt.Sprintf("%.1f %s", bytes, units[at])
}

// own is the memory that the process already has.
func own() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys - m.HeapReleased)
}
