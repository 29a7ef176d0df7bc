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

// A Comparison shows several runs on the same data side by side.
type Comparison struct {
	Runs   []Compared      `json:"runs"`
	Scores []ComparedScore `json:"scores"`
	// Remarks say in sentences which differences are noise, and what is left blank and why.
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
	// Of is the score of each run, nil where there is no comparable one.
	Of []*metric.Score `json:"of"`
	// Best is the index of the best run, -1 if there are not two to choose from.
	Best int `json:"best"`
	// Floor is the score of real examples, nil if there is none.
	Floor *float64 `json:"floor,omitempty"`
}

// Compare compares the best checkpoints of runs. Runs measured on different test examples
// are refused.
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

// comparable refuses duplicated runs and runs on different data.
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
			return badinput.Errorf("runs %s and %s are measured on different data, %s: their scores are not comparable",
				dirs[0].Name(), d.Name(), differently(first, facts))
		}
	}
	return nil
}

// differently describes the data of two runs, by hash if the names are the same.
func differently(a, b run.Facts) string {
	if described(a) != described(b) {
		return described(a) + " and " + described(b)
	}
	return fmt.Sprintf("both %s, but their test examples have the hashes %.12s and %.12s", described(a), a.Test, b.Test)
}

// described names the data of a run.
func described(f run.Facts) string {
	name := f.Set
	if name == "" {
		name = "a set"
	}
	return fmt.Sprintf("%s with %d test examples (%s)", name, f.TestExamples, f.Spec.Target())
}

// score compares the scores of a name that were measured like the first of them. It names
// the runs without one, and says what is left blank and what is noise.
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
		if m.TooFew {
			remarks = append(remarks, fmt.Sprintf("%s of %s is left blank: too few examples to tell.", name, r.Name))
			continue
		}
		if first == nil {
			first = m
			s.Unit, s.Better, s.Space, s.Floor = m.Unit, m.Better, m.Space, m.Floor
		}
		if how, asked := measured(m), measured(first); how != asked {
			remarks = append(remarks, fmt.Sprintf("%s of %s is left blank: it was measured %s, the first %s.", name, r.Name, how, asked))
			continue
		}
		s.Of[i] = m
		if !c.Runs[i].broken() && (s.Best < 0 || s.Of[s.Best].Worse(*m)) {
			s.Best = i
		}
	}
	if s.Best < 0 || s.count() < 2 {
		s.Best = -1
	} else if said, decided := c.judge(s); said != "" {
		remarks = append(remarks, said)
		if !decided {
			s.Best = -1
		}
	}
	return s, strings.Join(missing, ", "), remarks
}

// unlearned is the last step of runs that have learned nothing worth a mark.
const unlearned = 1

// broken reports whether no score of the run is to be marked as the best, whatever its value:
// it has hardly begun, or its verdict is that these are no pictures of this kind.
func (r Compared) broken() bool {
	return r.Step <= unlearned || metric.Judge(r.Scores).Grade == metric.GradeBroken
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

// measured describes how a score was measured, as far as comparison requires.
func measured(s *metric.Score) string {
	how := fmt.Sprintf("on %d samples", s.N)
	if s.Space != "" {
		how += " in " + s.Space
	}
	return how
}

// remark adds remarks on the whole comparison.
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
			c.Remarks = append(c.Remarks, fmt.Sprintf("%s was trained on %s, %s on %s: the times are not comparable.", d.Name(), facts.Engine, dirs[0].Name(), first.Engine))
		}
		if c.Runs[i].broken() && len(c.Runs[i].Scores) > 0 {
			c.Remarks = append(c.Remarks, strings.TrimSpace(fmt.Sprintf("%s is never marked best, after step %d. %s", d.Name(), c.Runs[i].Step, metric.Judge(c.Runs[i].Scores).Sentence)))
		}
		if len(c.Runs[i].Scores) == 0 {
			c.Remarks = append(c.Remarks, fmt.Sprintf("%s has no scores of its best checkpoint, step %d; measure it with: atelier evaluate %s", d.Name(), c.Runs[i].Step, d.Argument()))
		}
	}
	if len(aside) > 0 {
		c.Remarks = append(c.Remarks, fmt.Sprintf("Left out, since neither higher nor lower is better: %s; atelier show lists them.", brief(aside)))
	}
	if len(c.Scores) > 0 && len(dirs) > 1 {
		c.Remarks = append(c.Remarks, "Brackets hold 95 % bootstrap intervals, from resampling samples and test pictures; ± is the standard deviation over draws of samples. A difference counts as noise unless it is significant at the 5 % level by the bootstrap errors, or by Welch's test of the draws. Runs with different training seeds differ more.")
	}
	return nil
}

// brief lists the first few names.
func brief(names []string) string {
	const most = 4
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
