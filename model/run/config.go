// Package run ties data, family, training and scores together: it reads run
// files, owns run directories, trains, scores and draws. Other Go programs may
// import it.
package run

import (
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/metric"
	"atelier/model/train"
)

// MostSteps is the most steps of a run, at 1,000 a second those of eleven days.
const MostSteps = 1_000_000_000

// leastBatch is the fewest examples that statistics of a batch can be taken of.
const leastBatch = 2

// Config says everything about a run: together with the data, the program's
// version and the engine's path, nothing else influences its outcome.
type Config struct {
	Name     string                               `help:"name of the run; the recipe's if empty"`
	Seed     uint64                               `help:"what all that is random follows from"`
	Steps    int                                  `help:"length of the run"`
	Batch    int                                  `help:"examples an update"`
	Limit    int                                  `help:"learn from this many of the training examples, the first; scores know them all. 0 learns from all"`
	Pictures int                                  `help:"steps between sheets of samples"`
	Save     int                                  `help:"steps between checkpoints"`
	Data     registry.Choice[data.Source]         `help:"where the examples come from"`
	Codec    registry.Choice[data.Codec]          `help:"how examples become numbers"`
	Augment  []registry.Choice[data.Augmentation] `help:"how training pictures are varied"`
	Init     registry.Choice[Init]                `help:"what the weights are at the start"`
	Schedule registry.Choice[train.Schedule]      `help:"how the learning rate changes"`
	Model    registry.Choice[family.Family]       `help:"what is trained"`
	Score    Score                                `help:"how the result is measured"`
}

// Score says how a run is measured.
type Score struct {
	Every   int                              `help:"steps between scores during training, which choose the best checkpoint; 0 scores at the end only"`
	Best    string                           `help:"the score that chooses the best checkpoint"`
	Space   string                           `help:"feature space of the scores; if empty, classifier where there are classes and random elsewhere"`
	Metrics []registry.Choice[metric.Metric] `help:"what is measured"`
}

// Defaults returns the settings that a run file need not mention.
func Defaults() *Config {
	return &Config{
		Seed: 1, Steps: 4000, Batch: 64, Pictures: 500, Save: 500,
		Init:     registry.Choose[Init]("random"),
		Schedule: registry.Choose[train.Schedule]("constant"),
	}
}

// Check reports a setting that is out of range.
func (c *Config) Check() error {
	if err := checkName(c.Name); err != nil {
		return err
	}
	if c.Steps > MostSteps {
		return registry.Unfit("steps", fmt.Sprintf("want at most %d, got %d", MostSteps, c.Steps))
	}
	for _, least := range []struct {
		key          string
		value, least int
	}{
		{"steps", c.Steps, 1}, {"batch", c.Batch, leastBatch}, {"limit", c.Limit, 0}, {"pictures", c.Pictures, 1}, {"save", c.Save, 1},
	} {
		if least.value < least.least {
			return registry.Unfit(least.key, fmt.Sprintf("want at least %d, got %d", least.least, least.value))
		}
	}
	return nil
}

// Check reports a setting that is out of range.
func (s *Score) Check() error {
	if s.Every < 0 {
		return registry.Unfit("every", fmt.Sprintf("want at least 0, got %d", s.Every))
	}
	if s.Space != "" {
		if _, err := feature.Spaces.New(s.Space); err != nil {
			return registry.Unfit("space", err.Error())
		}
	}
	return nil
}

// Parse reads a run file of that name, with single settings changed by
// overrides such as "model.loss.use=lsgan". An error names file and line.
func Parse(name string, file []byte, overrides ...string) (*Config, error) {
	f, err := registry.Parse(name, file)
	if err != nil {
		return nil, err
	}
	for _, o := range overrides {
		if err := f.Override(o); err != nil {
			return nil, err
		}
	}
	c := Defaults()
	return c, f.Bind(c)
}

// Encode returns the resolved run file: every setting, defaults included.
func (c *Config) Encode() ([]byte, error) { return registry.Encode(c) }

// reopens returns the resolved run file, or the error that a run which keeps it
// could not be opened again.
func (c *Config) reopens() ([]byte, error) {
	text, err := c.Encode()
	if err == nil {
		_, err = Parse(configFile, text)
	}
	if err != nil {
		return nil, badinput.Errorf("the run is not begun, since it could not be opened again: %w", err)
	}
	return text, nil
}
