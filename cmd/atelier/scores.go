package main

import (
	"fmt"
	"path/filepath"

	"atelier/model/metric"
	"atelier/model/run"
)

// scores prints scores with how each was measured.
func (c *cli) scores(scores []metric.Score) {
	rows := make([][]string, len(scores))
	notes := []string{}
	for i, s := range scores {
		floor := ""
		if s.Floor != nil {
			floor = fmt.Sprintf("%.4g ± %.2g", *s.Floor, s.FloorDeviation)
		}
		rows[i] = []string{s.Name, fmt.Sprintf("%.4g ± %.2g", s.Value, s.Deviation), s.Unit, string(s.Better), floor,
			fmt.Sprintf("%d × %d", s.N, s.Draws), s.Space}
		if s.Note != "" {
			notes = append(notes, s.Name+": "+s.Note)
		}
	}
	c.table([]string{"SCORE", "VALUE", "UNIT", "BETTER", "REAL AGAINST REAL", "SAMPLES", "SPACE"}, rows)
	for _, n := range notes {
		c.say("%s", n)
	}
}

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

// lastSamples is the path of the newest sheet or text of a run, and what it holds;
// empty if it has none.
func lastSamples(d *run.Dir) (path, what string) {
	for what, pattern := range map[string]string{"pictures": "fakes-*.png", "texts": "samples-*.txt"} {
		if found, _ := filepath.Glob(d.Path(pattern)); len(found) > 0 {
			return found[len(found)-1], what
		}
	}
	return "", ""
}
