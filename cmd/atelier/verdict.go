package main

import (
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/model/metric"
	"atelier/model/run"
)

// verdict prints the verdict on scores, and what to do next; nothing where there is none.
func (c *cli) verdict(v metric.Verdict) {
	if v.Sentence == "" {
		return
	}
	c.say("%s", v.Summary())
	if v.Advice != "" {
		c.say("next: %s", v.Advice)
	}
}

// outcome prints how a training came out: the verdict, the path of what it shows of itself, a
// few scores, and where all of them are.
func (c *cli) outcome(d *run.Dir, scores []metric.Score) error {
	c.verdict(metric.Judge(scores))
	if key := keyScores(scores); len(key) > 0 {
		c.say("scores: %s", strings.Join(key, ", "))
	}
	preview, kind, err := d.LastPreview()
	if err == nil && preview != "" {
		c.say("%s: %s\nmore: %s", kind.What, preview, moreOf(d, kind))
	}
	if len(scores) > 0 {
		c.say("all scores: atelier show %s", d.Argument())
	}
	return err
}

// moreOf is the command that makes more of what a run has learned: runs of events compose, runs of
// captions draw, those of clips that go on continue one, and those of styles paint.
func moreOf(d *run.Dir, kind *run.Preview) string {
	if text, err := d.ConfigText(); err == nil {
		if config, err := run.Parse(d.Name(), text); err == nil && config.Codec.Use == "events" {
			return fmt.Sprintf("atelier compose --model %s", d.Argument())
		}
		if slices.Contains(d.Needs(), data.CaptionField) {
			return fmt.Sprintf("atelier draw TEXT --run %s %s", d.Argument(), kind.More)
		}
	}
	if d.Can("continues") {
		return fmt.Sprintf("atelier continue clip.gif --run %s -o longer.webm", d.Argument())
	}
	if d.Can("paints") {
		return fmt.Sprintf("atelier stylize photo.jpg --run %s -o painted.png", d.Argument())
	}
	return fmt.Sprintf("atelier generate %s %s", d.Argument(), kind.More)
}

// keyNames are the scores that say the most, in their order.
var keyNames = []string{
	"modes_found", "modes_high_quality", "stacked_modes", "perplexity", "bpc", "accuracy", "fid2k", "fid10k", "kid2k",
	"coverage", "class_accuracy", "precision", "recall", "memorised", "sharpness_ratio",
}

// mostKey is the number of scores that a training ends with.
const mostKey = 5

// keyScores are the first few of them that there are, with their floors.
func keyScores(scores []metric.Score) (said []string) {
	for _, name := range keyNames {
		i := slices.IndexFunc(scores, func(s metric.Score) bool { return s.Name == name })
		if i < 0 || len(said) == mostKey || scores[i].TooFew {
			continue
		}
		text := fmt.Sprintf("%s %.3g", name, scores[i].Value)
		if f := scores[i].Floor; f != nil {
			text += fmt.Sprintf(" (real %.3g)", *f)
		}
		said = append(said, text)
	}
	return said
}

// classesShown is the number of classes that a table shows all of; of more it shows so many
// of the rarest, beside what is real, and of the commonest.
const (
	classesShown = 10
	classEnds    = 3
)

// folded leaves out most classes of many.
func folded(scores []metric.Score) (kept []metric.Score, left int) {
	var ratios []float64
	for _, s := range scores {
		if r, ok := classRatio(s); ok {
			ratios = append(ratios, r)
		}
	}
	if len(ratios) <= classesShown {
		return scores, 0
	}
	sorted := slices.Sorted(slices.Values(ratios))
	low, high := sorted[classEnds-1], sorted[len(sorted)-classEnds]
	var lows, highs int
	for _, s := range scores {
		r, ok := classRatio(s)
		switch {
		case !ok:
		case r <= low && lows < classEnds:
			lows++
		case r >= high && highs < classEnds:
			highs++
		default:
			left++
			continue
		}
		kept = append(kept, s)
	}
	return kept, left
}

// classRatio is how often a class comes, over how often it comes among real examples.
func classRatio(s metric.Score) (ratio float64, ok bool) {
	if !s.OfClass() {
		return 0, false
	}
	if s.Floor == nil || *s.Floor == 0 {
		return s.Value, true
	}
	return s.Value / *s.Floor, true
}
