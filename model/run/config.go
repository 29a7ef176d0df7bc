// Package run ties data, model family, training and scores together: it reads run
// files, owns run directories, trains, scores and samples. Other Go programs may
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

// MostSteps is the largest number of steps of a run: eleven days at 1,000 per second.
const MostSteps = 1_000_000_000

// leastBatch is the smallest batch with batch statistics.
const leastBatch = 2

// Config describes a run completely: its outcome depends only on this, the data, the
// program's version and the engine's path.
type Config struct {
	Name     string                               `help:"name of the run; the recipe's if empty"`
	Seed     uint64                               `help:"random seed: everything random follows from it"`
	Steps    int                                  `help:"number of training steps"`
	Batch    int                                  `help:"batch size"`
	Limit    int                                  `help:"train on the first N examples; score on all. 0 trains on all"`
	Pictures int                                  `help:"steps between sheets of samples"`
	Save     int                                  `help:"steps between checkpoints"`
	Data     registry.Choice[data.Source]         `help:"where the examples come from"`
	Codec    registry.Choice[data.Codec]          `help:"codec: how examples become numbers"`
	Augment  []registry.Choice[data.Augmentation] `help:"augmentation of training pictures"`
	Init     registry.Choice[Init]                `help:"initial weights"`
	Schedule registry.Choice[train.Schedule]      `help:"learning rate schedule"`
	Model    registry.Choice[family.Family]       `help:"model: what is trained"`
	Score    Score                                `help:"evaluation"`
	Stop     Stop                                 `help:"early stopping"`
}

// Score holds the settings of evaluation.
type Score struct {
	Every   int                              `help:"steps between scores during training, which choose the best checkpoint; 0 scores at the end only"`
	Best    string                           `help:"the score that chooses the best checkpoint"`
	Space   string                           `help:"feature space of the scores; if empty, classifier where there are classes and random elsewhere"`
	Metrics []registry.Choice[metric.Metric] `help:"metrics"`

	ClassifierSteps int `help:"training steps of the classifier of the set, where scores need one; 0 chooses by the number of pictures"`
}

// Defaults returns the default settings.
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
	if c.Stop.Patience > 0 && (c.Score.Every == 0 || c.Score.Best == "") {
		return registry.Unfit("stop", "patience counts scores during training; set score.every and score.best too")
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
	if s.ClassifierSteps < 0 || s.ClassifierSteps > MostSteps {
		return registry.Unfit("classifier_steps", fmt.Sprintf("want 0 to %d, got %d", MostSteps, s.ClassifierSteps))
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

// reopens returns the resolved run file, or an error if a run with it could not be opened
// again.
func (c *Config) reopens() ([]byte, error) {
	text, err := c.Encode()
	if err == nil {
		_, err = Parse(configFile, text)
	}
	if err != nil {
		return nil, badinput.Errorf("the run was not started, since it could not be opened again: %w", err)
	}
	return text, nil
}
