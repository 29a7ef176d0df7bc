package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/model/run"
)

func newRuns(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "runs",
		Short:             "List the runs; remove, copy and prune them",
		Example:           "  atelier runs\n  atelier runs --runs /backup/runs --json\n  atelier runs rm 0001-fashion",
		Args:              takes(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, err := os.Stat(c.runs); cmd.Flags().Changed("runs") && errors.Is(err, fs.ErrNotExist) {
			return badinput.Errorf("--runs: there is no folder %s", c.runs)
		}
		dirs, damaged, err := run.Survey(c.runs)
		if err != nil {
			return err
		}
		for _, d := range damaged {
			c.warn("left out "+d.Folder, d.Err.Error())
		}
		found := []app.Summary{}
		for _, d := range dirs {
			s, err := app.Summarise(d)
			if err != nil {
				c.warn("left out "+d.Name(), err.Error())
				continue
			}
			for _, line := range append(s.Damage, s.Warnings...) {
				c.warn(s.Name, line)
			}
			found = append(found, s)
		}
		if *asJSON {
			return c.json(found)
		}
		rows := make([][]string, len(found))
		for i, s := range found {
			best := "-"
			if s.Best != nil {
				best = fmt.Sprintf("%s %.4g", s.Best.Name, s.Best.Value)
			}
			rows[i] = []string{s.Name, s.State, fmt.Sprintf("%d/%d", s.Step, s.Steps), best, humanize.IBytes(uint64(s.Bytes)), s.Created.Local().Format(time.DateTime)}
		}
		c.table([]string{"RUN", "STATE", "STEP", "BEST SCORE", "SIZE", "CREATED"}, rows)
		return nil
	}
	cmd.AddCommand(newRunsRemove(c), newRunsCopy(c), newRunsPrune(c))
	return cmd
}

func newRunsRemove(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rm RUN ...",
		Short: "Remove runs with all their files",
		Long: `Remove runs with all their files. Pictures that were drawn from a run can then no longer
be reproduced. It asks first, unless --yes is given.`,
		Example:           "  atelier runs rm 0001-fashion\n  atelier runs rm 2 3 --yes",
		Args:              takes(1, -1, "RUN ..."),
		ValidArgsFunction: c.completeRuns,
	}
	yes := cmd.Flags().BoolP("yes", "y", false, "remove without asking")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		dirs, err := c.openRuns(args)
		if err != nil {
			return err
		}
		var names []string
		for _, d := range dirs {
			names = append(names, d.Name())
		}
		if !*yes {
			sure, err := c.ask(fmt.Sprintf("Remove %s for good?", strings.Join(names, ", ")), "to remove runs without being asked, add --yes")
			if err != nil || !sure {
				return err
			}
		}
		for _, d := range dirs {
			if err := d.Remove(); err != nil {
				return err
			}
			c.say("removed %s", d.Name())
		}
		return nil
	}
	return cmd
}

func newRunsCopy(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cp RUN NAME",
		Short: "Copy a run under a new name, to train it longer and keep the original",
		Long: `Copy a run under a new name, to train it longer and keep the original. With --step, the copy is
the run as it was at one of its checkpoints.`,
		Example: "  atelier runs cp 0001-fashion longer\n  atelier runs cp 0001-fashion other --step 2000",
		Args:    takes(2, 2, "RUN NAME"), ValidArgsFunction: c.completeRun,
	}
	step := cmd.Flags().Int("step", 0, "step of the checkpoint to branch from; if it is left out, all is copied")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		d, err := run.OpenDir(c.runs, args[0])
		if err != nil {
			return err
		}
		copied := d.Copy
		if cmd.Flags().Changed("step") {
			copied = func(root, name string) (*run.Dir, error) { return d.Branch(root, name, *step) }
		}
		made, err := copied(c.runs, args[1])
		if err != nil {
			return err
		}
		c.say("copied %s to %s", d.Name(), made.Name())
		return nil
	}
	return cmd
}

func newRunsPrune(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "prune RUN ...",
		Short: "Free disk space: delete what neither sampling nor resuming needs",
		Long: `Free disk space: delete what neither sampling from a run nor resuming it needs: checkpoints
other than the newest and the best, and the samples between the first and the last.`,
		Example: "  atelier runs prune 0001-fashion",
		Args:    takes(1, -1, "RUN ..."), ValidArgsFunction: c.completeRuns,
		RunE: func(_ *cobra.Command, args []string) error {
			dirs, err := c.openRuns(args)
			if err != nil {
				return err
			}
			for _, d := range dirs {
				freed, err := d.Prune()
				if err != nil {
					return err
				}
				c.say("%s: %s freed", d.Name(), humanize.IBytes(uint64(max(freed, 0))))
			}
			return nil
		},
	}
}

// openRuns opens all named runs, each once, or none.
func (c *cli) openRuns(names []string) (dirs []*run.Dir, err error) {
	for _, name := range names {
		d, err := run.OpenDir(c.runs, name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(dirs, func(other *run.Dir) bool { return other.Path() == d.Path() }) {
			dirs = append(dirs, d)
		}
	}
	return dirs, nil
}
