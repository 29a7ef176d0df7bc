package run

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"

	"atelier/internal/durable"
	"atelier/internal/energy"
	"atelier/model/train"
	"atelier/model/weights"
)

// The files of a checkpoint, besides a copy of the run file. Times have a file of their
// own: everything else is the same no matter how often the run was stopped.
const (
	weightsFile = "weights.safetensors"
	stateFile   = "state.json"
	stateFormat = 1
	clockFile   = "clock.json"
	clockFormat = 1
)

// A state is the contents of state.json: what it takes, besides the weights, to resume a
// run as if it had not stopped.
type state struct {
	Format   int         `json:"format"`
	Loop     train.State `json:"loop"`
	Failures int         `json:"failures"`          // rollbacks so far
	Longer   int         `json:"longer,omitempty"`  // see trainer
	Seconds  float64     `json:"seconds,omitempty"` // trained for, as earlier versions kept it

	clock clock
}

// A clock is the contents of clock.json.
type clock struct {
	Format  int     `json:"format"`
	Seconds float64 `json:"seconds"` // trained for
	// Scoring is how long scoring this checkpoint took, without opening feature spaces, 0 if it was not scored, and ScoringEnergy
	// what it took.
	Scoring       float64     `json:"scoring,omitempty"`
	ScoringEnergy *energy.Use `json:"scoring_energy,omitempty"`
	// Energy is what the run has taken, nil if earlier versions trained it.
	Energy *energy.Use `json:"energy,omitempty"`
	// Drawn is the largest measured draw of samples.
	Drawn *Drawn `json:"drawn,omitempty"`
}

// A notNumbersError reports weights that became NaN or infinite in an update.
type notNumbersError struct {
	step int
	name string // of the first such variable
}

func (e *notNumbersError) Error() string {
	return fmt.Sprintf("the update of step %d produced weights that are not finite, in %s", e.step, e.name)
}

// save writes a checkpoint of the run.
func (t *trainer) save() error {
	if t.extended {
		return t.saveExtended()
	}
	return t.saveCheckpoint()
}

func (t *trainer) saveCheckpoint() error {
	loop, err := t.loop.State()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(state{Format: stateFormat, Loop: loop, Failures: t.failures, Longer: t.longer}, "", "  ")
	if err != nil {
		return err
	}
	spent, err := json.Marshal(t.clock())
	if err != nil {
		return err
	}
	settings, err := t.config.Encode()
	if err != nil {
		return err
	}
	f, err := weights.Take(t.store, map[string]string{"step": fmt.Sprint(t.loop.Step)})
	if err != nil {
		return err
	}
	if name, found := f.NotFinite(anyTensor); found {
		return &notNumbersError{t.loop.Step, name}
	}
	if t.stats != nil {
		if err := t.stats.Sync(); err != nil {
			return err
		}
	}
	t.mendBest()
	return t.dir.SaveCheckpoint(t.loop.Step, func(to *durable.Files) error {
		return cmp.Or(
			to.Write(weightsFile, f.Write), to.WriteFile(stateFile, append(text, '\n')),
			to.WriteFile(configFile, settings), to.WriteAside(clockFile, append(spent, '\n')))
	})
}

// readState reads the state of a checkpoint and its times.
func (c *Checkpoint) readState() (s state, err error) {
	path := filepath.Join(c.Path, stateFile)
	text, err := durable.ReadFile(path, mostFacts)
	if err != nil {
		return s, err
	}
	spent, err := durable.ReadFile(filepath.Join(c.Path, clockFile), mostFacts)
	if err != nil {
		spent = nil // earlier versions had none
	}
	if s, err = parseState(text, spent); err != nil {
		return s, fmt.Errorf("%s %w", path, err)
	}
	return s, nil
}

// parseState reads state.json and clock.json. Times that cannot be read count as 0. The error completes a sentence that begins with the state's name.
func parseState(text, spent []byte) (s state, err error) {
	if err := decode(text, stateFormat, &s); err != nil {
		return s, err
	}
	if s.Loop.Step < 0 || s.Failures < 0 || s.Failures > maxFailures || s.Longer < 0 {
		return s, fmt.Errorf("is damaged: step %d, %d rollbacks", s.Loop.Step, s.Failures)
	}
	c := clock{Seconds: s.Seconds}
	if decode(spent, clockFormat, &c) != nil {
		c.Seconds = s.Seconds
	}
	if s.Seconds = c.Seconds; !(s.Seconds >= 0 && s.Seconds < mostSeconds) {
		s.Seconds = 0
	}
	s.clock = c.whole()
	return s, nil
}

// mostSeconds is longer than any run takes.
const mostSeconds = 1 << 32
