package bench

import (
	"fmt"
	"math"

	"atelier/internal/events"
)

// An eventsJudge tells the style of some bars by naive Bayes over what happens in them: what is
// struck and played where, how long notes are, and chords. Instruments, tempo and key do not
// count, which tell a style at once.
type eventsJudge struct {
	counts []map[string]float64 // of each style
	totals []float64
	kinds  map[string]bool
}

// happenings are what happens in bars of a piece.
func happenings(p *events.Piece, from int) (all []string) {
	for _, b := range p.Bars[from : from+styleBars] {
		for _, c := range b.Chords {
			all = append(all, fmt.Sprintf("chord %d.%d", c.Root, c.Kind))
		}
		for part, program := range p.Parts {
			for _, n := range b.Parts[part] {
				what := "melodic"
				switch {
				case program == events.Drums:
					what = fmt.Sprintf("drum %d", n.Pitch)
				case program/8 == 4:
					what = "bass"
				}
				all = append(all, fmt.Sprintf("%s at %d", what, n.At), fmt.Sprintf("%s for %d", what, n.Length))
			}
		}
	}
	return all
}

// newEventsJudge learns from pieces of so many styles.
func newEventsJudge(learned composedSet, styles int) *eventsJudge {
	j := &eventsJudge{totals: make([]float64, styles), kinds: map[string]bool{}}
	for range styles {
		j.counts = append(j.counts, map[string]float64{})
	}
	for _, p := range learned {
		for from := 0; from+styleBars <= len(p.Bars); from += styleBars {
			for _, what := range happenings(p, from) {
				j.counts[p.Style][what]++
				j.totals[p.Style]++
				j.kinds[what] = true
			}
		}
	}
	return j
}

// tell is the likeliest style of bars.
func (j *eventsJudge) tell(all []string) int {
	best, style := math.Inf(-1), 0
	for s := range j.counts {
		sum := 0.0
		for _, what := range all {
			if j.kinds[what] {
				sum += math.Log((j.counts[s][what] + 1) / (j.totals[s] + float64(len(j.kinds))))
			}
		}
		if sum > best {
			best, style = sum, s
		}
	}
	return style
}

// share is how much of patterns is told rightly, in percent, and of how many.
func (j *eventsJudge) share(of composedSet) (percent float64, n int) {
	right := 0
	for _, p := range of {
		for from := 0; from+styleBars <= len(p.Bars); from += styleBars {
			if n++; j.tell(happenings(p, from)) == p.Style {
				right++
			}
		}
	}
	return 100 * float64(right) / math.Max(1, float64(n)), n
}
