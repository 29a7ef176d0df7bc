package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/model/run"
)

func newRuns(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "runs",
		Short:             "List the runs",
		Example:           "  atelier runs\n  atelier runs --runs /backup/runs --json",
		Args:              takes(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
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
			for _, line := range s.Damage {
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
			rows[i] = []string{s.Name, s.State, fmt.Sprintf("%d/%d", s.Step, s.Steps), best, s.Created.Local().Format(time.DateTime)}
		}
		c.table([]string{"RUN", "STATE", "STEP", "BEST SCORE", "CREATED"}, rows)
		return nil
	}
	return cmd
}
