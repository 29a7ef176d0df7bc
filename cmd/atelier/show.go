package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

// A shown run is what show prints.
type shown struct {
	app.Summary
	Config  string         `json:"config"`
	Verdict metric.Verdict `json:"verdict"`
	Scores  []metric.Score `json:"scores"`
	Curves  string         `json:"curves,omitempty"`  // path
	Picture string         `json:"picture,omitempty"` // path
	Text    string         `json:"text,omitempty"`    // path
	Music   string         `json:"music,omitempty"`   // path
	preview string         // any of them
	what    string         // it is
	plot    []byte         // the curves, a PNG; nil if there are none

	damagedStats []string
	unwritten    error // why the curves were not drawn
}

func newShow(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show a run: settings, scores, curves, last pictures",
		Long: `Show one run: every setting, the last scores, and the paths of the plot of its
losses, which is redrawn, and of its last pictures.`,
		Example:           "  atelier show 0001-fashion\n  atelier show fashion --json\n  atelier show fashion --html -o fashion.html",
		Args:              takes(1, 1, "RUN"),
		ValidArgsFunction: c.completeRun,
	}
	asJSON := jsonFlag(cmd)
	asHTML := cmd.Flags().Bool("html", false, "write a page with samples, curves, scores and settings")
	out := cmd.Flags().StringP("out", "o", "", "with --html: the new file to write (default RUN.html)")
	force := forceFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("html", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := run.OpenDir(c.runs, args[0])
		if err != nil {
			return err
		}
		if *out != "" && !*asHTML {
			return badinput.Errorf("show: -o is for the page: add --html")
		}
		s, err := look(d)
		if err != nil {
			return err
		}
		for _, line := range slices.Concat(s.Damage, s.Warnings, s.damagedStats) {
			c.warn(s.Name, line)
		}
		if s.unwritten != nil { // a run on a disk that is only read is shown all the same
			fmt.Fprintln(c.err, "atelier: the curves could not be redrawn: "+oneLine(s.unwritten))
		}
		if *asJSON {
			return c.json(s)
		}
		if *asHTML {
			return c.writePage(cmd.Context(), d, s, *out, *force)
		}
		c.say("%s: %s, step %d of %d\n", s.Name, s.State, s.Step, s.Steps)
		c.text(strings.TrimSpace(s.Config))
		if len(s.Scores) > 0 {
			c.say("")
			c.scores(s.Scores)
			c.verdict(s.Verdict)
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

// writePage writes the page of a run.
func (c *cli) writePage(ctx context.Context, d *run.Dir, s shown, out string, force bool) error {
	guard := newGuard(force, d.Path())
	place, err := guard.Free(d.Name() + ".html")
	if out != "" {
		place, err = guard.File(ctx, out)
	}
	if err != nil {
		return err
	}
	page := app.Page{Summary: s.Summary, Config: strings.TrimSpace(s.Config), Verdict: s.Verdict, Scores: s.Scores, CurvesPNG: s.plot, Dir: d}
	path, err := place.Write(page.Write)
	if err == nil {
		c.beside(place).say("wrote %s", path)
	}
	return err
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
	stats, err := d.ReadStats()
	if err != nil {
		return s, err
	}
	lines := stats.Lines
	if s.State != app.Training { // a run that went on would take these steps again
		if damage := stats.Damage(s.Step, s.Steps); damage != "" {
			s.damagedStats = append(s.damagedStats, damage)
		}
		lines = slices.DeleteFunc(lines, func(line map[string]any) bool {
			step, _ := line["step"].(float64)
			return int(step) > s.Step
		})
	}
	s.Config, s.Scores = string(text), app.Latest(all)
	s.Verdict = metric.Judge(s.Scores)
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
	s.plot = picture
	curves := d.Path("curves.png")
	if s.unwritten = durable.WriteFile(curves, picture); s.unwritten == nil {
		s.Curves = curves
	}
	return s, nil
}
