package app

import (
	"math"
	"time"

	"atelier/model/metric"
	"atelier/model/run"
)

// The states of a run.
const (
	Training = "training" // by a running process
	Stopped  = "stopped"  // before its last step
	Done     = "done"
	Damaged  = "damaged" // some of the files needed to use or resume it
)

// mostRead is the size in bytes up to which a checkpoint file is read to check its integrity.
const mostRead = 16 << 20

// A Summary is an overview of a run.
type Summary struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// Step is the current training step or, if no process trains the run, the last saved one: later
	// steps are lost.
	Step    int       `json:"step"`
	Steps   int       `json:"steps"`
	Created time.Time `json:"created"`
	// Bytes is the disk space of its files.
	Bytes int64 `json:"bytes"`
	// Best is the best value of the score that chooses the checkpoint; nil if there is none yet.
	Best *metric.Score `json:"best,omitempty"`
	// Damage lists damaged checkpoints of a run that no process trains.
	Damage []string `json:"damage,omitempty"`
	// Warnings list damage to its scores, on which nothing else depends.
	Warnings []string `json:"warnings,omitempty"`
}

// Summarise summarizes a run quickly: of large weights only the size is checked.
func Summarise(d *run.Dir) (Summary, error) { return summarise(d, mostRead) }

// Glance is [Summarise] at less cost still: of all files of a checkpoint only the size is checked.
func Glance(d *run.Dir) (Summary, error) { return summarise(d, 0) }

// Examine is [Summarise] with the weights read in full.
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
	if s.Bytes, err = d.Size(); err != nil {
		return s, err
	}
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
	if s.Warnings, err = d.ScoreDamage(); err != nil {
		return s, err
	}
	scores, err := d.Scores()
	s.Best = best(scores, config.Score.Best)
	return s, err
}

// reached is the step of the latest statistics, or the saved one if that is later.
func reached(d *run.Dir, saved int) (int, error) {
	stats, err := d.ReadStats()
	if len(stats.Lines) == 0 {
		return saved, err
	}
	step, _ := stats.Lines[len(stats.Lines)-1]["step"].(float64)
	return max(saved, int(step)), nil
}

// best returns the best score with a name.
func best(all []run.Measured, name string) *metric.Score {
	var found *metric.Score
	name = run.Deciding(all, name)
	for i := range all {
		if s := &all[i].Score; s.Name == name && !s.TooFew && (found == nil || found.Worse(*s)) {
			found = s
		}
	}
	return found
}
