package run

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"

	"atelier/internal/durable"
	"atelier/model/train"
	"atelier/model/weights"
)

// The files of a checkpoint, beside the run file as it was when it was saved. How long
// training took lies aside: all else is the same whenever and however often the run was
// stopped.
const (
	weightsFile = "weights.safetensors"
	stateFile   = "state.json"
	stateFormat = 1
	clockFile   = "clock.json"
	clockFormat = 1
)

// A state is what state.json holds: all that a run needs beside its weights to
// go on as if it had not stopped.
type state struct {
	Format   int         `json:"format"`
	Loop     train.State `json:"loop"`
	Failures int         `json:"failures"`          // rollbacks so far
	Seconds  float64     `json:"seconds,omitempty"` // trained for, as earlier versions kept it
}

// A clock is what clock.json holds.
type clock struct {
	Format  int     `json:"format"`
	Seconds float64 `json:"seconds"` // trained for
	// Scoring is how long it took to score the run as it is here, 0 if that was not done.
	Scoring float64 `json:"scoring,omitempty"`
}

// A notNumbersError reports weights that an update has made infinite or NaN.
type notNumbersError struct {
	step int
	name string // of the first such variable
}

func (e *notNumbersError) Error() string {
	return fmt.Sprintf("step %d has made weights that are not numbers, of %s", e.step, e.name)
}

// save writes a checkpoint of the run as it is.
func (t *trainer) save() error {
	loop, err := t.loop.State()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(state{Format: stateFormat, Loop: loop, Failures: t.failures}, "", "  ")
	if err != nil {
		return err
	}
	spent, err := json.Marshal(clock{Format: clockFormat, Seconds: t.seconds()})
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

// readState reads what a run needs beside its weights, and how long it took.
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

// parseState reads state.json and clock.json. How long it took counts as no time where it
// cannot be read. The error completes a sentence that begins with the state's name.
func parseState(text, spent []byte) (s state, err error) {
	if err := decode(text, stateFormat, &s); err != nil {
		return s, err
	}
	if s.Loop.Step < 0 || s.Failures < 0 || s.Failures > maxFailures {
		return s, fmt.Errorf("is damaged: step %d, %d rollbacks", s.Loop.Step, s.Failures)
	}
	c := clock{Seconds: s.Seconds}
	if decode(spent, clockFormat, &c) != nil {
		c.Seconds = s.Seconds
	}
	if s.Seconds = c.Seconds; !(s.Seconds >= 0 && s.Seconds < mostSeconds) {
		s.Seconds = 0
	}
	return s, nil
}

// mostSeconds is longer than any run takes.
const mostSeconds = 1 << 32
