package main

import (
	"fmt"
	"strings"

	"atelier/model/metric"
	"atelier/model/run"
)

// scores prints scores with how each was measured.
func (c *cli) scores(scores []metric.Score) {
	rows := make([][]string, len(scores))
	for i, s := range scores {
		floor := ""
		if s.Floor != nil {
			floor = fmt.Sprintf("%.4g ± %.2g", *s.Floor, s.FloorDeviation)
		}
		rows[i] = []string{s.Name, fmt.Sprintf("%.4g ± %.2g", s.Value, s.Deviation), s.Unit, string(s.Better), floor,
			fmt.Sprintf("%d × %d", s.N, s.Draws), s.Space}
	}
	c.table([]string{"SCORE", "VALUE", "UNIT", "BETTER", "REAL AGAINST REAL", "SAMPLES", "SPACE"}, rows)
	c.notes(scores)
}

// notes prints what there is to say of the scores, and what holds of several once.
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

// mostNamed is the number of scores that a note names.
const mostNamed = 3

// latest keeps the scores of the last step that was scored, the newest of each name.
func latest(all []run.Measured) []metric.Score {
	step := 0
	for _, m := range all {
		step = max(step, m.Step)
	}
	var last []metric.Score
	for _, m := range all {
		if m.Step != step {
			continue
		}
		if n := len(last); n > 0 && last[n-1].Name == m.Name {
			last = last[:n-1]
		}
		last = append(last, m.Score)
	}
	return last
}
