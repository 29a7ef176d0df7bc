package app

import (
	"math"
	"time"

	"atelier/model/metric"
	"atelier/model/run"
)

// The states of a run.
const (
	Training = "training" // by a process that is alive
	Stopped  = "stopped"  // short of its last step
	Done     = "done"
	Damaged  = "damaged" // some of what it is used or resumed from
)

// mostRead is how many bytes a file of a checkpoint has at most that is read to see
// whether it is whole.
const mostRead = 16 << 20

// A Summary is a run at a glance.
type Summary struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// Step is the one that training has come to, or, when no process trains the
	// run, the one that was saved last: what came after it is gone.
	Step    int       `json:"step"`
	Steps   int       `json:"steps"`
	Created time.Time `json:"created"`
	// Best is the best value of the score that chooses the run's checkpoint;
	// nil if there is none yet.
	Best *metric.Score `json:"best,omitempty"`
	// Damage says what is wrong with the checkpoints of a run that no process trains.
	Damage []string `json:"damage,omitempty"`
}

// Summarise looks at a run at little cost: of large weights only the size is checked.
func Summarise(d *run.Dir) (Summary, error) { return summarise(d, mostRead) }

// Examine is [Summarise] of a run whose weights are read in full.
func Examine(d *run.Dir) (Summary, error) { return summarise(d, math.MaxInt64) }

func summarise(d *run.Dir, most int64) (Summary, error) {
	s := Summary{Name: d.Name(), State: Stopped, Created: d.Created()}
	text, err := d.ConfigText()
	if err != nil {
		return s, err
	}
	config, err := run.Parse(d.Path("run.toml"), text)
	if err != nil {
		return s, err
	}
	s.Steps = config.Steps
	if s.Step, err = d.Saved(); err != nil {
		return s, err
	}
	switch {
	case d.Training():
		s.State = Training
		s.Step, err = reached(d, s.Step)
	case s.Step >= s.Steps:
		s.State = Done
	}
	if err != nil {
		return s, err
	}
	if s.State != Training {
		if s.Damage = d.Damage(most); len(s.Damage) > 0 {
			s.State = Damaged
		}
	}
	scores, err := d.Scores()
	s.Best = best(scores, config.Score.Best)
	return s, err
}

// reached is the step of the last statistics, or the saved one if that is later.
func reached(d *run.Dir, saved int) (int, error) {
	stats, err := d.ReadStats()
	if len(stats.Lines) == 0 {
		return saved, err
	}
	step, _ := stats.Lines[len(stats.Lines)-1]["step"].(float64)
	return max(saved, int(step)), nil
}

// best returns the best score of a name.
func best(all []run.Measured, name string) *metric.Score {
	var found *metric.Score
	for i := range all {
		if s := &all[i].Score; s.Name == name && (found == nil || found.Worse(*s)) {
			found = s
		}
	}
	return found
}
