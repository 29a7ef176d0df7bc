package app

import (
	"os"
	"time"

	"atelier/model/metric"
	"atelier/model/run"
)

// The states of a run.
const (
	Training = "training" // by a process that is alive
	Stopped  = "stopped"  // short of its last step
	Done     = "done"
)

// A Summary is a run at a glance.
type Summary struct {
	Name    string    `json:"name"`
	State   string    `json:"state"`
	Step    int       `json:"step"`
	Steps   int       `json:"steps"`
	Created time.Time `json:"created"`
	// Best is the best value of the score that chooses the run's checkpoint;
	// nil if there is none yet.
	Best *metric.Score `json:"best,omitempty"`
}

// Summarise looks at a run without opening its weights.
func Summarise(d *run.Dir) (Summary, error) {
	s := Summary{Name: d.Name(), State: Stopped, Created: d.Created()}
	path := d.Path("run.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	config, err := run.Parse(path, text)
	if err != nil {
		return s, err
	}
	s.Steps = config.Steps
	stats, err := d.ReadStats()
	if err != nil {
		return s, err
	}
	if len(stats) > 0 {
		step, _ := stats[len(stats)-1]["step"].(float64)
		s.Step = int(step)
	}
	switch {
	case d.Training():
		s.State = Training
	case s.Step >= s.Steps:
		s.State = Done
	}
	scores, err := d.Scores()
	s.Best = best(scores, config.Score.Best)
	return s, err
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
