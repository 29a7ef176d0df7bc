package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/run"
)

// A shown run is what show prints: its card, and where its files are.
type shown struct {
	*app.Card
	Curves  string `json:"curves,omitempty"`  // path
	Picture string `json:"picture,omitempty"` // path
	Text    string `json:"text,omitempty"`    // path
	Music   string `json:"music,omitempty"`   // path
	Maps    string `json:"maps,omitempty"`    // path
	preview string // any of them
	what    string // it is
	plot    []byte // the curves, a PNG; nil if there are none

	damagedStats []string
	unwritten    error // why the curves were not drawn
}

func newShow(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show a run: settings, scores, energy, its card; check it",
		Long: `Show one run: every setting, the last scores, the energy that it took, and the paths of the
plot of its losses, which is redrawn, and of its last pictures.
With --html, write its card: samples, verdict, limits, data with the obligations of their licences,
copies, energy, scores in words, settings, and the hashes that lead from the data to the samples.
--json prints the same. With --check, make again what can be made again, and say what differs.`,
		Example:           "  atelier show 0001-fashion\n  atelier show fashion --json\n  atelier show fashion --html -o fashion.html\n  atelier show fashion --html --grid 350\n  atelier show fashion --check",
		Args:              takes(1, 1, "RUN"),
		ValidArgsFunction: c.completeRun,
	}
	f := &showing{cli: c, cmd: cmd}
	f.asJSON = jsonFlag(cmd)
	f.asHTML = cmd.Flags().Bool("html", false, "write the card as a page")
	f.check = cmd.Flags().Bool("check", false, "read the files and the data, and make samples and scores again; exit with 1 if anything differs")
	f.grid = newNumber(cmd, "grid", 0, "emission of the grid in grams of CO2 equivalents per kWh (default $"+app.GridVariable+")")
	f.out = cmd.Flags().StringP("out", "o", "", "with --html: the new file to write (default RUN.html)")
	f.force = forceFlag(cmd)
	c.computes(cmd)
	cmd.MarkFlagsMutuallyExclusive("html", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error { return f.run(args[0]) }
	return cmd
}

// A showing is one call of show, with its flags.
type showing struct {
	*cli
	cmd                          *cobra.Command
	asJSON, asHTML, check, force *bool
	grid                         *float64
	out                          *string
}

// run shows a run.
func (f *showing) run(name string) error {
	ctx := f.cmd.Context()
	d, err := run.OpenDir(f.runs, name)
	if err != nil {
		return err
	}
	if *f.out != "" && !*f.asHTML {
		return badinput.Errorf("show: -o is for the page: add --html")
	}
	if *f.asHTML && *f.check {
		return badinput.Errorf("show: --check prints what it finds; leave out --html")
	}
	intensity, err := gridIntensity(*f.grid, f.cmd.Flags().Changed("grid"))
	if err != nil {
		return err
	}
	if *f.check {
		return f.checkRun(ctx, d, *f.asJSON)
	}
	s, err := look(ctx, d, intensity, *f.asJSON || *f.asHTML)
	if err != nil {
		return err
	}
	for _, line := range slices.Concat(s.Damage, s.Warnings, s.damagedStats) {
		f.warn(s.Name, line)
	}
	if s.unwritten != nil { // a run on a disk that is only read is shown all the same
		fmt.Fprintln(f.err, "atelier: the curves could not be redrawn: "+oneLine(s.unwritten))
	}
	switch {
	case *f.asJSON:
		return f.json(s)
	case *f.asHTML:
		return f.writePage(ctx, d, s, *f.out, *f.force)
	}
	f.print(d, s)
	return nil
}

// print prints a run for people.
func (c *cli) print(d *run.Dir, s shown) {
	c.say("%s: %s, step %d of %d\n", s.Name, s.State, s.Step, s.Steps)
	c.text(s.Config)
	if len(s.Scores) > 0 {
		c.say("")
		c.scores(s.Scores)
		c.verdict(s.Verdict)
	}
	c.say("")
	if spent, ok := d.Spent(); ok {
		c.say("energy:   %s (%s)", spent.Total, spent.Total.Method())
	}
	if s.Curves != "" {
		c.say("curves:   %s", s.Curves)
	}
	if s.preview != "" {
		c.say("%-9s %s", s.what+":", s.preview)
	}
}

// writePage writes the page of a run.
func (c *cli) writePage(ctx context.Context, d *run.Dir, s shown, out string, force bool) error {
	place, err := placeOf(ctx, newGuard(force, d.Path()), out, d.Name()+".html")
	if err != nil {
		return err
	}
	page := app.Page{Card: s.Card, CurvesPNG: s.plot, Dir: d}
	path, err := place.Write(page.Write)
	if err == nil {
		c.beside(place).say("wrote %s", path)
	}
	return err
}

// gridIntensity is the emission of the grid, by the flag or else by the environment.
func gridIntensity(flag float64, given bool) (float64, error) {
	name, x := "--grid", flag
	if text := os.Getenv(app.GridVariable); !given && text != "" {
		var err error
		name = app.GridVariable
		if x, err = app.ParseNumber(text); err != nil {
			return 0, badinput.Errorf("%s: want a number of grams per kWh, got %q", name, text)
		}
	}
	if !(x >= 0 && x <= app.MostIntense) {
		return 0, badinput.Errorf("%s: want 0 to %d grams of CO2 equivalents per kWh, got %g", name, app.MostIntense, x)
	}
	return x, nil
}

// checkRun makes a run again, as far as that can be done, and prints what came out.
func (c *cli) checkRun(ctx context.Context, d *run.Dir, asJSON bool) error {
	m := newMeter(c.console)
	studio, done, err := c.studio(m)
	if err != nil {
		return err
	}
	found, err := studio.Repeat(ctx, d.Path())
	done()
	if err != nil {
		return err
	}
	if asJSON {
		err = c.json(found)
	} else {
		rows := make([][]string, len(found))
		for i, f := range found {
			rows[i] = []string{f.What, string(f.Outcome), f.Detail}
		}
		c.table([]string{"PART", "OUTCOME", "DETAIL"}, rows)
	}
	if err == nil && slices.ContainsFunc(found, func(f run.Repeated) bool { return f.Outcome == run.Differs }) {
		return errors.New(d.Name() + " differs from its record; the table says in what")
	}
	return err
}

// shows notes the path of the last preview and what it shows.
func (s *shown) shows(what, path string) {
	s.preview, s.what = path, what
	switch what {
	case "texts":
		s.Text = path
	case "music":
		s.Music = path
	case "maps":
		s.Maps = path
	default:
		s.Picture = path
	}
}

// look gathers what is shown of a run; of the card all if it is asked for, else only what takes no
// look at the data.
func look(ctx context.Context, d *run.Dir, intensity float64, whole bool) (s shown, err error) {
	card := app.CardOf
	if !whole {
		card = app.ShortCardOf
	}
	if s.Card, err = card(ctx, d, intensity); err != nil {
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
	preview, kind, err := d.LastPreview()
	if err != nil {
		return s, err
	}
	if preview != "" {
		s.shows(kind.What, preview)
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
