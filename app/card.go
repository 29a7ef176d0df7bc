package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

// A Card describes a run for those who use it or judge it: where its data come from and what their
// licences ask, how good it is, what it took and what it cannot do (Mitchell et al. 2018,
// arXiv:1810.03993; Gebru et al. 2018, arXiv:1803.09010).
type Card struct {
	Summary
	// Config is the run file.
	Config string `json:"config"`
	// Verdict and Scores are the latest ones, InWords a sentence on each score.
	Verdict metric.Verdict `json:"verdict"`
	Scores  []metric.Score `json:"scores"`
	InWords []string       `json:"scores_in_words"`
	// Copies says what is known about copies of training data, a sentence each.
	Copies []string `json:"copies"`
	// Data are the data that the run learned from.
	Data DataFacts `json:"data"`
	// Energy is what the run took.
	Energy EnergyFacts `json:"energy"`
	// Limits say what the run cannot do, and what the card does not know, a sentence each.
	Limits []string `json:"limits"`
	// Chain leads from the data to the samples, by hashes.
	Chain []Link `json:"chain"`
}

// A Link is a part of what a sample was made from.
type Link struct {
	// What it is, and its name.
	What string `json:"what"`
	Name string `json:"name"`
	// Hash is a SHA-256 in hexadecimal; of several files it is that of their hashes.
	Hash string `json:"hash"`
}

// CardOf is the card of a run. Intensity is the emission of the grid in grams of CO2 equivalents per
// kilowatt hour, 0 if it is not known. It reads the sources of the data for their licences, as far as
// they are still there.
func CardOf(ctx context.Context, d *run.Dir, intensity float64) (*Card, error) {
	c, err := ShortCardOf(ctx, d, intensity)
	if err != nil {
		return nil, err
	}
	config, err := run.Parse(d.Path("run.toml"), []byte(c.Config))
	if err != nil {
		return nil, err
	}
	facts, err := d.Facts()
	if err != nil {
		return nil, err
	}
	c.Data = dataFacts(ctx, config, facts)
	c.Energy = energyFacts(d, config, intensity)
	c.Chain, err = chainOf(d, facts)
	c.Limits = c.limits(facts)
	return c, err
}

// ShortCardOf is the card of a run without data, energy, limits and chain.
func ShortCardOf(_ context.Context, d *run.Dir, _ float64) (*Card, error) {
	c := &Card{}
	var err error
	if c.Summary, err = Examine(d); err != nil {
		return nil, err
	}
	text, err := d.ConfigText()
	if err != nil {
		return nil, err
	}
	all, err := d.Scores()
	if err != nil {
		return nil, err
	}
	c.Config, c.Scores = strings.TrimSpace(string(text)), Latest(all)
	c.Verdict = metric.Judge(c.Scores)
	for _, s := range c.Scores {
		c.InWords = append(c.InWords, s.Sentence())
	}
	c.Copies = copiesOf(c.Scores)
	return c, nil
}

// chainOf is the hash chain from the data to the samples of a run.
func chainOf(d *run.Dir, f run.Facts) ([]Link, error) {
	config, err := d.ConfigText()
	if err != nil {
		return nil, err
	}
	var chain []Link
	add := func(what, name, hash string) {
		if hash != "" {
			chain = append(chain, Link{what, name, hash})
		}
	}
	add("dataset", f.Dataset, f.DatasetHash)
	add("training examples, as the networks see them", Counted(f.TrainExamples, "example"), f.Train)
	add("held-out examples, as the networks see them", Counted(f.TestExamples, "example"), f.Test)
	add("what the codec learned", "codec", f.Codec)
	add("settings", "run.toml", hashOf(config))
	if best, _, err := d.Best(); err == nil {
		add("weights, with settings and state of training", filepath.Base(best.Path), best.Hash)
	}
	previews, err := d.Previews()
	if err != nil {
		return nil, err
	}
	for _, path := range previews[max(0, len(previews)-1):] {
		if b, err := durable.ReadFile(path, mostShown); err == nil {
			add("samples", filepath.Base(path), hashOf(b))
		}
	}
	return chain, nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// copiesOf says what scores tell about copies.
func copiesOf(scores []metric.Score) (said []string) {
	for _, s := range scores {
		if s.Name == "memorised" || s.Name == "repeated" || strings.HasPrefix(s.Name, "copied_") {
			said = append(said, s.Sentence())
		}
	}
	if said == nil {
		said = []string{"Whether samples copy training data was not measured."}
	}
	return said
}

// limits are what the run cannot do, and what its card does not know.
func (c *Card) limits(f run.Facts) (said []string) {
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	say("It has learned from %s of the set %q, as %s, and knows nothing else.", Counted(f.TrainExamples, "example"), cmp.Or(f.Set, "without a name"), f.Spec.Target())
	if f.TestExamples == 0 {
		say("No example was held out, so it was not measured against anything new.")
	} else if len(c.Scores) > 0 {
		say("It was measured against %s of the same set, held out from training; other data were not looked at.", Counted(f.TestExamples, "example"))
	}
	if len(c.Scores) == 0 {
		say("It was not scored: how good it is, is not known.")
	}
	for _, weak := range c.Verdict.Weak {
		say("Weak by its scores: %s.", weak)
	}
	for _, s := range c.Scores {
		if s.TooFew {
			say("%s could not be told from so few examples.", s.Name)
		}
	}
	if n := c.Data.Unlicensed; n > 0 {
		say("The licence of %d of %d Items is not known.", n, c.Data.Looked)
	}
	if c.Data.Problem != "" {
		say("Licences and credits could not be read: %s.", c.Data.Problem)
	}
	for _, other := range f.Continued {
		say("From step %d on it was trained by program %s on engine %s.", other.Step+1, other.Program, other.Engine)
	}
	if c.State == Stopped || c.State == Training {
		say("It is at step %d of %d.", c.Step, c.Steps)
	}
	return said
}
