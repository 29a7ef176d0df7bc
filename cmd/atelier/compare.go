package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

func newCompare(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare RUN RUN ...",
		Short: "Compare the scores of runs on the same data, and say which differences are noise",
		Long: `Compare runs on the same data: the scores of their best checkpoints, the best of each
marked, training time and number of weights, and in sentences which differences are
within noise. Scores that were measured otherwise are left blank, with the reason; runs
on different data are refused.`,
		Example:           "  atelier compare 0001-fashion 0002-fashion --to compare.png\n  atelier compare 1 2 3 --markdown",
		Args:              takes(2, -1, "two RUNs or more"),
		ValidArgsFunction: c.completeRuns,
	}
	c.computes(cmd)
	to := cmd.Flags().String("to", "", "draw samples of the same seeds, a row per run, to this new PNG file")
	force := forceFlag(cmd)
	markdown := cmd.Flags().Bool("markdown", false, "print a table in Markdown")
	asJSON := jsonFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("markdown", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		runs := app.New[*app.Comparing]()
		runs.Sheet = *to != ""
		for _, name := range args {
			runs.Runs = append(runs.Runs, app.Model(name))
		}
		m := newMeter(c.console)
		var found *app.Comparison
		env := &app.Env{Watcher: m.watcher(), Out: app.Out{File: *to}, Found: func(v any) { found = v.(*app.Comparison) }}
		var err error
		if env.Marking.Producer, err = producer(); err != nil {
			return err
		}
		if err := app.Check(runs, env.Out); err != nil {
			return err
		}
		if err := c.compare(cmd.Context(), runs, env, newGuard(*force, c.runFolders(args...)...), m); err != nil {
			return err
		}
		return c.compared(found, *asJSON, *markdown)
	}
	return cmd
}

// compare compares runs; nothing is computed unless samples are requested.
func (c *cli) compare(ctx context.Context, runs *app.Comparing, env *app.Env, guard *durable.Guard, m *meter) error {
	env.Studio = &run.Studio{Runs: c.runs}
	if runs.Sheet {
		if err := toFile(ctx, env, guard, env.Out.File, m); err != nil {
			return err
		}
		s, done, err := c.studio(m)
		if err != nil {
			return err
		}
		defer done()
		env.Studio = s
	}
	return app.Run(ctx, runs, env)
}

// compared prints a comparison.
func (c *cli) compared(found *app.Comparison, asJSON, markdown bool) error {
	switch {
	case asJSON:
		return c.json(found)
	case markdown:
		c.markdown(compareTable(found, "**%s**"))
		c.say("")
		for _, r := range found.Remarks {
			c.say("- %s", r)
		}
	default:
		header, rows := compareTable(found, "%s *")
		last := len(header) - 1
		header[0], header[1], header[last] = strings.ToUpper(header[0]), strings.ToUpper(header[1]), strings.ToUpper(header[last])
		c.table(header, rows)
		for _, r := range found.Remarks {
			c.say("%s", r)
		}
	}
	return nil
}

// compareTable is a comparison as a table, in which best marks the best of a score.
func compareTable(found *app.Comparison, best string) (header []string, rows [][]string) {
	header = []string{"score", "better"}
	for _, r := range found.Runs {
		header = append(header, r.Name)
	}
	header = append(header, "real against real")
	for _, s := range found.Scores {
		row := []string{strings.TrimSpace(s.Name + " " + s.Unit), string(s.Better)}
		for i, m := range s.Of {
			cell := ""
			if m != nil {
				cell = withError(m)
			}
			if i == s.Best {
				cell = fmt.Sprintf(best, cell)
			}
			row = append(row, cell)
		}
		floor := ""
		if s.Floor != nil {
			floor = fmt.Sprintf("%.4g", *s.Floor)
		}
		rows = append(rows, append(row, floor))
	}
	add := func(name string, of func(r app.Compared) string) {
		row := []string{name, ""}
		for _, r := range found.Runs {
			row = append(row, of(r))
		}
		rows = append(rows, append(row, ""))
	}
	add("step", func(r app.Compared) string { return fmt.Sprint(r.Step) })
	add("training time", func(r app.Compared) string {
		return time.Duration(r.Seconds * float64(time.Second)).Round(time.Second).String()
	})
	networks := map[string]bool{}
	for _, r := range found.Runs {
		for n := range r.Weights {
			networks[n] = true
		}
	}
	for _, n := range slices.Sorted(maps.Keys(networks)) {
		add("weights of "+n, func(r app.Compared) string {
			if r.Weights[n] == 0 {
				return ""
			}
			return fmt.Sprint(r.Weights[n])
		})
	}
	return header, rows
}

// withError formats a score with its interval, or else its deviation.
func withError(m *metric.Score) string {
	if low, high, ok := m.Interval(); ok {
		return fmt.Sprintf("%.4g [%.4g, %.4g]", m.Value, low, high)
	}
	if m.Deviation == 0 {
		return fmt.Sprintf("%.4g", m.Value)
	}
	return fmt.Sprintf("%.4g ± %.2g", m.Value, m.Deviation)
}

// markdown prints rows under a header as a Markdown table.
func (c *console) markdown(header []string, rows [][]string) {
	line := func(cells []string) { c.say("| %s |", strings.Join(cells, " | ")) }
	line(header)
	c.say("|%s", strings.Repeat("---|", len(header)))
	for _, row := range rows {
		line(row)
	}
}
