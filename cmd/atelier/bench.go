package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"atelier/bench"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

func newBench(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench SUITE [key=value ...]",
		Short: "Run a suite of measurements, and check its targets",
		Long: `Run a suite of measurements, and check its targets; atelier list suite
names the suites. The exit code is 1 if a target is missed. A suite that
was interrupted goes on with the part that it was in; one that came to its
end measures everything anew the next time.`,
		Example:           "  atelier bench modes\n  atelier bench modes seeds=1 --json",
		Args:              takes(1, -1, "SUITE"),
		ValidArgsFunction: cobra.FixedCompletions(bench.Suites.Names(), cobra.ShellCompDirectiveNoFileComp),
	}
	c.computes(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		suite, err := readSuite(args[0], args[1:])
		if err != nil {
			return err
		}
		rows, err := c.bench(cmd.Context(), suite)
		if err != nil {
			return err
		}
		if *asJSON {
			err = c.json(rows)
		} else {
			c.rows(rows)
		}
		if err != nil {
			return err
		}
		return missed(rows)
	}
	return cmd
}

// missed is the error of rows that miss their target.
func missed(rows []bench.Row) error {
	n := 0
	for _, r := range rows {
		if !r.Holds {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d measurements miss their bar", n, len(rows))
}

// readSuite returns a suite with its settings changed by key=value arguments.
func readSuite(name string, settings []string) (bench.Suite, error) {
	suite, err := bench.Suites.New(name)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	f, err := registry.Parse(name, nil)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		if err := f.Override(s); err != nil {
			return nil, err
		}
	}
	return suite, f.Bind(suite)
}

// bench runs a suite and prints each row as it comes.
func (c *cli) bench(ctx context.Context, suite bench.Suite) ([]bench.Row, error) {
	m := newMeter(c.console)
	studio, done, err := c.studio(m)
	if err != nil {
		return nil, err
	}
	defer done()
	rows := []bench.Row{}
	err = suite.Run(ctx, c.machine(studio), func(r bench.Row) {
		rows = append(rows, r)
		m.notice(fmt.Sprintf("%s: %.4g %s, bar %s", r.Name, r.Value, r.Unit, cmp.Or(r.Bar, "none")))
	})
	if stopped.By(ctx, err) { // whatever run it was measuring
		if len(rows) > 0 {
			return rows, stopped.Because(ctx, "stopped; the rows above are what was measured; the same command goes on")
		}
		return rows, stopped.Because(ctx, "stopped; the same command goes on")
	}
	var died *bench.ChildError
	if errors.As(err, &died) && strings.Contains(strings.TrimSpace(died.Said), "\n") {
		for line := range strings.Lines(strings.TrimSpace(died.Said)) { // the error has but one of them
			m.notice(strings.TrimRight(line, "\n"))
		}
	}
	return rows, err
}

func (c *cli) rows(rows []bench.Row) {
	cells := make([][]string, len(rows))
	number := func(x *float64) string {
		if x == nil {
			return ""
		}
		return fmt.Sprintf("%.4g", *x)
	}
	for i, r := range rows {
		holds := "yes"
		if !r.Holds {
			holds = "NO"
		}
		cells[i] = []string{r.Name, fmt.Sprintf("%.4g", r.Value), r.Unit, r.Bar, holds, number(r.Peer), number(r.Ratio), number(r.Share), number(r.Floor), fmt.Sprint(r.N)}
	}
	c.table([]string{"NAME", "VALUE", "UNIT", "BAR", "HOLDS", "PEER", "RATIO", "OF PEAK", "FLOOR", "N"}, cells)
}
