package main

import (
	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/metric"
)

func newEvaluate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "evaluate RUN",
		Short:             "Score a run's best checkpoint and keep the scores with the run",
		Example:           "  atelier evaluate 0001-fashion\n  atelier evaluate 0001-fashion --metric fid2k --metric classes --json",
		Args:              takes(1, 1, "RUN"),
		ValidArgsFunction: c.completeRun,
	}
	c.computes(cmd)
	names := cmd.Flags().StringSlice("metric", nil, "what to measure (default: what the run file says); atelier list metric names them")
	cmd.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions(metric.Metrics.Names(), cobra.ShellCompDirectiveNoFileComp))
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		metrics, err := chooseMetrics(*names)
		if err != nil {
			return err
		}
		s, done, err := c.studio(newMeter(c.console))
		if err != nil {
			return err
		}
		defer done()
		r, err := s.Open(args[0])
		if err != nil {
			return err
		}
		scores, err := r.Evaluate(cmd.Context(), metrics)
		if err != nil {
			return err
		}
		if *asJSON {
			return c.json(scores)
		}
		c.scores(scores)
		return nil
	}
	return cmd
}

func chooseMetrics(names []string) ([]registry.Choice[metric.Metric], error) {
	var chosen []registry.Choice[metric.Metric]
	for _, name := range names {
		m, err := metric.Metrics.New(name)
		if err != nil {
			return nil, badinput.Mark(err)
		}
		chosen = append(chosen, registry.Choice[metric.Metric]{Use: name, Value: m})
	}
	return chosen, nil
}
