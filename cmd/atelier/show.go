package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

// A shown run is what show prints.
type shown struct {
	app.Summary
	Config  string         `json:"config"`
	Scores  []metric.Score `json:"scores"`
	Curves  string         `json:"curves,omitempty"`  // path
	Picture string         `json:"picture,omitempty"` // path
	Text    string         `json:"text,omitempty"`    // path
	Music   string         `json:"music,omitempty"`   // path
	preview string         // any of them
	what    string         // it is

	warnings  []string // of what is damaged, beside its checkpoints
	unwritten error    // why the curves were not drawn
}

func newShow(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show one run: settings, scores, curves, last pictures",
		Long: `Show one run: every setting, the last scores, and the paths of the plot of its
losses, which is drawn anew, and of its last pictures.`,
		Example:           "  atelier show 0001-fashion\n  atelier show fashion --json",
		Args:              takes(1, 1, "RUN"),
		ValidArgsFunction: c.completeRun,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		d, err := run.OpenDir(c.runs, args[0])
		if err != nil {
			return err
		}
		s, err := look(d)
		if err != nil {
			return err
		}
		for _, line := range append(s.Damage, s.warnings...) {
			c.warn(s.Name, line)
		}
		if s.unwritten != nil { // a run on a disk that is only read is shown all the same
			fmt.Fprintln(c.err, "atelier: the curves are not drawn anew: "+oneLine(s.unwritten))
		}
		if *asJSON {
			return c.json(s)
		}
		c.say("%s: %s, step %d of %d\n\n%s", s.Name, s.State, s.Step, s.Steps, strings.TrimSpace(s.Config))
		if len(s.Scores) > 0 {
			c.say("")
			c.scores(s.Scores)
		}
		c.say("")
		if s.Curves != "" {
			c.say("curves:   %s", s.Curves)
		}
		if s.preview != "" {
			c.say("%-9s %s", s.what+":", s.preview)
		}
		return nil
	}
	return cmd
}

func look(d *run.Dir) (s shown, err error) {
	if s.Summary, err = app.Examine(d); err != nil {
		return s, err
	}
	text, err := d.ConfigText()
	if err != nil {
		return s, err
	}
	all, err := d.Scores()
	if err != nil {
		return s, err
	}
	if s.warnings, err = d.ScoreDamage(); err != nil {
		return s, err
	}
	stats, err := d.ReadStats()
	if err != nil {
		return s, err
	}
	lines := stats.Lines
	if s.State != app.Training { // a run that went on would take these steps again
		if damage := stats.Damage(s.Step, s.Steps); damage != "" {
			s.warnings = append(s.warnings, damage)
		}
		lines = slices.DeleteFunc(lines, func(line map[string]any) bool {
			step, _ := line["step"].(float64)
			return int(step) > s.Step
		})
	}
	s.Config, s.Scores = string(text), latest(all)
	preview, kind, err := d.LastPreview()
	if err != nil {
		return s, err
	}
	if preview != "" {
		s.preview, s.what = preview, kind.What
		*map[string]*string{"pictures": &s.Picture, "texts": &s.Text, "music": &s.Music}[kind.What] = preview
	}
	if len(lines) == 0 {
		return s, nil
	}
	picture, err := app.Curves(s.Name, lines)
	if err != nil {
		s.unwritten = err
		return s, nil
	}
	curves := d.Path("curves.png")
	if s.unwritten = durable.WriteFile(curves, picture); s.unwritten == nil {
		s.Curves = curves
	}
	return s, nil
}
