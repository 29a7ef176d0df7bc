package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/model/metric"
	"atelier/model/run"
)

// A Comparison is what is known of several runs on the same data, side by side.
type Comparison struct {
	Runs   []Compared      `json:"runs"`
	Scores []ComparedScore `json:"scores"`
	// Remarks say in sentences what the numbers do not: which differences are noise, and
	// what is left blank, and why.
	Remarks []string `json:"remarks"`
}

// Compared is one of the runs.
type Compared struct {
	Name   string `json:"name"`
	Engine string `json:"engine"`
	run.Account
}

// A ComparedScore is one score of all the runs.
type ComparedScore struct {
	Name   string           `json:"name"`
	Unit   string           `json:"unit,omitempty"`
	Better metric.Direction `json:"better"`
	Space  string           `json:"space,omitempty"`
	// Of is the score of each run, nil where there is none that compares.
	Of []*metric.Score `json:"of"`
	// Best is the index of the best run, -1 if there are not two to choose from.
	Best int `json:"best"`
	// Floor is the same measure of real examples, nil if there is none.
	Floor *float64 `json:"floor,omitempty"`
}

// Compare puts the best checkpoints of runs side by side. Runs that were measured on
// different test examples are refused.
func Compare(dirs []*run.Dir) (*Comparison, error) {
	if err := comparable(dirs); err != nil {
		return nil, err
	}
	c := &Comparison{}
	names := map[string]bool{}
	for _, d := range dirs {
		facts, err := d.Facts()
		if err != nil {
			return nil, err
		}
		account, err := d.Account()
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, Compared{d.Name(), facts.Engine, account})
		for _, w := range account.Warnings {
			c.Remarks = append(c.Remarks, d.Name()+": "+w)
		}
		for _, s := range account.Scores {
			names[s.Name] = s.Better != metric.Neither
		}
	}
	var aside []string
	missing := map[string][]string{} // scores, by the runs that were not measured by them
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !names[name] {
			aside = append(aside, name)
			continue
		}
		s, without, remarks := c.score(name)
		c.Scores = append(c.Scores, s)
		c.Remarks = append(c.Remarks, remarks...)
		if without != "" {
			missing[without] = append(missing[without], name)
		}
	}
	for _, without := range slices.Sorted(maps.Keys(missing)) {
		c.Remarks = append(c.Remarks, fmt.Sprintf("Not measured at the best checkpoint of %s: %s.", without, strings.Join(missing[without], ", ")))
	}
	return c, c.remark(dirs, aside)
}

// comparable refuses runs that are one run, or of different data.
func comparable(dirs []*run.Dir) error {
	var first run.Facts
	for i, d := range dirs {
		for _, other := range dirs[:i] {
			if d.Path() == other.Path() {
				return badinput.Errorf("run %s is named twice; each is compared once", d.Name())
			}
		}
		facts, err := d.Facts()
		switch {
		case err != nil:
			return err
		case i == 0:
			first = facts
		case facts.Test != first.Test || !facts.Spec.Equal(first.Spec):
			return badinput.Errorf("runs %s and %s are measured on different data, %s: their scores do not compare",
				dirs[0].Name(), d.Name(), differently(first, facts))
		}
	}
	return nil
}

// differently names the data of two runs, by their hashes where the names are the same.
func differently(a, b run.Facts) string {
	if described(a) != described(b) {
		return described(a) + " and " + described(b)
	}
	return fmt.Sprintf("both %s, but test examples of the hashes %.12s and %.12s", described(a), a.Test, b.Test)
}

// described names the data of a run.
func described(f run.Facts) string {
	name := f.Set
	if name == "" {
		name = "a set"
	}
	return fmt.Sprintf("%s with %d test examples (%s)", name, f.TestExamples, f.Spec.Target())
}

// score puts the scores of a name side by side, those that were measured as the first of
// them was. It names the runs without one, and says what is left blank and what is noise.
func (c *Comparison) score(name string) (s ComparedScore, without string, remarks []string) {
	s = ComparedScore{Name: name, Of: make([]*metric.Score, len(c.Runs)), Best: -1}
	var first *metric.Score
	var missing []string
	for i, r := range c.Runs {
		at := slices.IndexFunc(r.Scores, func(m metric.Score) bool { return m.Name == name })
		if at < 0 {
			missing = append(missing, r.Name)
			continue
		}
		m := &r.Scores[at]
		if first == nil {
			first = m
			s.Unit, s.Better, s.Space, s.Floor = m.Unit, m.Better, m.Space, m.Floor
		}
		if how, asked := measured(m), measured(first); how != asked {
			remarks = append(remarks, fmt.Sprintf("%s of %s is left blank: it was measured %s, the first %s.", name, r.Name, how, asked))
			continue
		}
		s.Of[i] = m
		if s.Best < 0 || s.Of[s.Best].Worse(*m) {
			s.Best = i
		}
	}
	if s.count() < 2 {
		s.Best = -1
	} else if said, decided := c.judge(s); said != "" {
		remarks = append(remarks, said)
		if !decided {
			s.Best = -1
		}
	}
	return s, strings.Join(missing, ", "), remarks
}

// count is how many runs have the score.
func (s ComparedScore) count() int {
	n := 0
	for _, m := range s.Of {
		if m != nil {
			n++
		}
	}
	return n
}

// measured says how a score was measured, as far as it must be the same to compare.
func measured(s *metric.Score) string {
	how := fmt.Sprintf("on %d samples", s.N)
	if s.Space != "" {
		how += " in " + s.Space
	}
	return how
}

// remark adds what holds of the whole comparison.
func (c *Comparison) remark(dirs []*run.Dir, aside []string) error {
	first, err := dirs[0].Facts()
	if err != nil {
		return err
	}
	for i, d := range dirs {
		facts, err := d.Facts()
		if err != nil {
			return err
		}
		if facts.Train != first.Train {
			c.Remarks = append(c.Remarks, fmt.Sprintf("%s and %s learned from different training examples, %d and %d.", dirs[0].Name(), d.Name(), first.TrainExamples, facts.TrainExamples))
		}
		if facts.Engine != first.Engine {
			c.Remarks = append(c.Remarks, fmt.Sprintf("%s was trained on %s, %s on %s: the times do not compare.", d.Name(), facts.Engine, dirs[0].Name(), first.Engine))
		}
		if len(c.Runs[i].Scores) == 0 {
			c.Remarks = append(c.Remarks, fmt.Sprintf("%s has no scores of its best checkpoint, step %d; measure it with: atelier evaluate %s", d.Name(), c.Runs[i].Step, d.Argument()))
		}
	}
	if len(aside) > 0 {
		c.Remarks = append(c.Remarks, fmt.Sprintf("Left out, since neither more nor less of them is better: %s; atelier show has them.", brief(aside)))
	}
	if len(c.Scores) > 0 && len(dirs) > 1 {
		c.Remarks = append(c.Remarks, "In brackets are 95 % intervals of the bootstrap, by resampling samples and test pictures; ± is the standard deviation over draws of samples. A difference counts as noise unless it is found at the level of 5 % by the errors of the bootstrap, or by Welch's test of the draws. Trainings with other seeds differ more.")
	}
	return nil
}

// brief names a few of many.
func brief(names []string) string {
	const most = 4
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
