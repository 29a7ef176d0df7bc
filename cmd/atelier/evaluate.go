package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/metric"
	"atelier/model/run"
)

const mostVotes = 64 << 20 // bytes of a file of votes

func newEvaluate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evaluate RUN | FOLDER --as RECIPE|FILE.toml|RUN [key=value ...]",
		Short: "Score a run's best checkpoint, or a folder of pictures or texts made by any program",
		Long: `Score a run's best checkpoint and keep the scores with the run, or score a folder of
pictures or texts, whatever program made them, like those of a recipe or a run: against
the same real works, in the same feature space, by the same metrics.

With a truncation below 1, samples are more typical and less varied, as with atelier
generate --truncation; those scores are printed but not kept.

With --votes, the votes of people on its works (atelier rate) give the score rated; --metric rated
computes nothing else.`,
		Example: `  atelier evaluate 0001-fashion
  atelier evaluate 0001-fashion --metric fid2k --metric classes --json
  atelier evaluate 0001-fashion --truncation 0.7
  atelier evaluate 0001-fashion --metric rated --votes votes.jsonl --side first
  atelier evaluate their-pictures --as fashion
  atelier evaluate their-texts --as 0002-shakespeare --metric bleu,copied_text`,
		ValidArgsFunction: c.completeEvaluated,
	}
	c.computes(cmd)
	names := cmd.Flags().StringSlice("metric", nil, "metrics to compute (default: those of the run file); atelier list metric names them")
	cmd.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions(append(metric.Metrics.Names(), "rated"), cobra.ShellCompDirectiveNoFileComp))
	as := cmd.Flags().String("as", "", "score a folder of pictures or texts as those of this recipe, run file or run")
	cmd.RegisterFlagCompletionFunc("as", c.completeConfig)
	sheet := cmd.Flags().String("sheet", "", "with --as: write a sheet of the first pictures to this new PNG file")
	votes := cmd.Flags().String("votes", "", "file of votes of atelier rate: they give the score rated, which stands beside the others")
	side := cmd.Flags().String("side", "", "with --votes: the side that is meant (default: the name of the run or the folder)")
	force := forceFlag(cmd)
	truncation := newNumber(cmd, "truncation", 1, "truncation psi of a run's samples, 0 to 1: below 1, they are more typical and less varied")
	asJSON := jsonFlag(cmd)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		return checkEvaluated(cmd, args, *as, *sheet, *truncation)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e := app.New[*app.Evaluate]()
		e.Of, e.Metric, e.Truncation, e.Sheet = app.Model(args[0]), *names, *truncation, *sheet != ""
		e.Side = *side
		if *votes != "" {
			text, err := durable.ReadFile(*votes, mostVotes)
			if err != nil {
				return badinput.Mark(err)
			}
			e.Votes = app.File{Name: *votes, Bytes: text}
		}
		if *as != "" {
			e.Of, e.Works, e.Settings = "", here(args[0]), args[1:]
			var err error
			if e.As, e.AsFile, err = recipeOrFile(*as); err != nil {
				return err
			}
		}
		guard := newGuard(*force, append(c.runFolders(*as), args[0], *as)...)
		return c.evaluate(cmd.Context(), e, guard, *sheet, *asJSON)
	}
	return cmd
}

// evaluate scores, and prints the scores even if they could not be saved.
func (c *cli) evaluate(ctx context.Context, e *app.Evaluate, guard *durable.Guard, sheet string, asJSON bool) error {
	if err := app.Check(e, app.Out{File: sheet}); err != nil {
		return err
	}
	m := newMeter(c.console)
	env := &app.Env{Watcher: m.watcher(), Out: app.Out{File: sheet}}
	if err := toFile(ctx, env, guard, sheet, m); err != nil {
		return err
	}
	s, done, err := c.studio(m)
	if err != nil {
		return err
	}
	defer done()
	var found *app.Evaluated
	env.Studio, env.Found = s, func(v any) { found = v.(*app.Evaluated) }
	err = app.Run(ctx, e, env)
	switch {
	case found == nil:
	case asJSON:
		err = errors.Join(c.json(found), err)
	default:
		c.scores(found.Scores)
		c.verdict(found.Verdict)
	}
	return err
}

// toFile writes an app's Item to a file, if there is a path for one, and reports it.
func toFile(ctx context.Context, env *app.Env, guard *durable.Guard, path string, m *meter) error {
	if path == "" {
		return nil
	}
	place, err := guard.File(ctx, path)
	env.Emit = func(it data.Item) error {
		written, err := place.WriteFile(it.Bytes)
		if err == nil {
			m.notice("wrote " + written)
		}
		return err
	}
	return err
}

// checkEvaluated reports conflicting arguments of evaluate.
func checkEvaluated(cmd *cobra.Command, args []string, as, sheet string, truncation float64) error {
	if err := cmp.Or(run.CheckTruncation(truncation), app.CheckPNG(sheet)); err != nil {
		return badinput.Mark(err)
	}
	switch {
	case as != "" && truncation != 1:
		return badinput.Errorf("evaluate: --truncation applies to a run's samples; a folder is scored as it is")
	case as != "":
		return takes(1, -1, "FOLDER --as RECIPE")(cmd, args)
	case sheet != "":
		return badinput.Errorf("evaluate: --sheet applies to a folder of pictures, scored with --as; a run has atelier generate")
	}
	return takes(1, 1, "RUN, or FOLDER --as RECIPE")(cmd, args)
}
