package main

import (
	"fmt"
	"strings"

	"atelier/model/metric"
)

// scores prints scores with how each was measured; of many classes those at the ends.
func (c *cli) scores(scores []metric.Score) {
	scores, left := folded(scores)
	rows := make([][]string, len(scores))
	for i, s := range scores {
		interval := ""
		if low, high, ok := s.Interval(); ok {
			interval = fmt.Sprintf("[%.4g, %.4g]", low, high)
		}
		rows[i] = []string{s.Name, s.Plain(), interval, s.Unit, string(s.Better), s.PlainFloor(), s.Samples(), s.Space}
	}
	c.table([]string{"SCORE", "VALUE", "95 % INTERVAL", "UNIT", "BETTER", "REAL AGAINST REAL", "SAMPLES", "SPACE"}, rows)
	if left > 0 {
		c.say("%d more classes, neither the rarest nor the commonest beside the real ones, are left out; --json has them all", left)
	}
	c.notes(scores)
}

// notes prints the notes of scores; a note shared by several is printed once.
func (c *cli) notes(scores []metric.Score) {
	var notes []string
	of := map[string][]string{} // the scores of each note
	for _, s := range scores {
		for note := range strings.SplitSeq(s.Note, "; ") {
			if of[note] == nil {
				notes = append(notes, note)
			}
			of[note] = append(of[note], s.Name)
		}
	}
	for _, note := range notes {
		names := strings.Join(of[note], ", ")
		if n := len(of[note]); n > mostNamed {
			names = fmt.Sprintf("%s and %d more", of[note][0], n-1)
		}
		if note != "" {
			c.say("%s: %s", names, note)
		}
	}
}

// mostNamed is the largest number of scores named with a note.
const mostNamed = 3
