package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data"
	"atelier/data/source"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/run"
	"atelier/recipes"
)

func newEvaluate(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evaluate RUN | FOLDER --as RECIPE|FILE.toml|RUN [key=value ...]",
		Short: "Score a run's best checkpoint, or a folder of pictures that any program made",
		Long: `Score a run's best checkpoint and keep the scores with the run, or score a folder of
pictures, whatever program made them, as those of a recipe or a run are scored: against
the same real pictures, in the same feature space, by the same metrics.

With a truncation below 1 samples are more typical and less various, as atelier generate
--truncation draws them; those scores are printed and not kept.`,
		Example: `  atelier evaluate 0001-fashion
  atelier evaluate 0001-fashion --metric fid2k --metric classes --json
  atelier evaluate 0001-fashion --truncation 0.7
  atelier evaluate their-pictures --as fashion`,
		ValidArgsFunction: c.completeEvaluated,
	}
	c.computes(cmd)
	names := cmd.Flags().StringSlice("metric", nil, "what to measure (default: what the run file says); atelier list metric names them")
	cmd.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions(metric.Metrics.Names(), cobra.ShellCompDirectiveNoFileComp))
	as := cmd.Flags().String("as", "", "score a folder of pictures as those of this recipe, run file or run")
	cmd.RegisterFlagCompletionFunc("as", c.completeConfig)
	sheet := cmd.Flags().String("sheet", "", "with --as: write the first pictures, in one, to this new PNG file")
	force := forceFlag(cmd)
	truncation := cmd.Flags().Float64("truncation", 1, "how far a run's samples are from the mean of what there is, 0 to 1")
	asJSON := jsonFlag(cmd)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		return checkEvaluated(cmd, args, *as, *sheet, *truncation)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		metrics, err := chooseMetrics(*names)
		if err != nil {
			return err
		}
		place, err := c.evaluatedSheet(cmd.Context(), *sheet, *force, args[0], *as)
		if err != nil {
			return err
		}
		m := newMeter(c.console)
		s, done, err := c.studio(m)
		if err != nil {
			return err
		}
		defer done()
		var scores []metric.Score
		if *as == "" {
			scores, err = evaluateRun(cmd.Context(), s, args[0], metrics, *truncation)
		} else {
			scores, err = c.evaluateFolder(cmd.Context(), s, folder{args[0], *as, args[1:], place, m.notice}, metrics)
		}
		switch { // scores that could not be kept are worth seeing all the same
		case err != nil && len(scores) == 0:
			return err
		case *asJSON:
			return errors.Join(c.json(scores), err)
		}
		c.scores(scores)
		return err
	}
	return cmd
}

// evaluatedSheet is the place of a sheet of the folder of pictures, nil if none is wanted.
func (c *cli) evaluatedSheet(ctx context.Context, sheet string, force bool, folder, as string) (*durable.Place, error) {
	if sheet == "" {
		return nil, nil
	}
	return newGuard(force, append(c.runFolders(as), folder, as)...).File(ctx, sheet)
}

// checkEvaluated reports arguments of evaluate that do not go together.
func checkEvaluated(cmd *cobra.Command, args []string, as, sheet string, truncation float64) error {
	if err := cmp.Or(run.CheckTruncation(truncation), app.CheckPNG(sheet)); err != nil {
		return badinput.Mark(err)
	}
	switch {
	case as != "" && truncation != 1:
		return badinput.Errorf("evaluate: --truncation is of a run's samples; a folder of pictures is scored as it is")
	case as != "":
		return takes(1, -1, "FOLDER --as RECIPE")(cmd, args)
	case sheet != "":
		return badinput.Errorf("evaluate: --sheet is of a folder of pictures, scored with --as; a run has atelier generate")
	}
	return takes(1, 1, "RUN, or FOLDER --as RECIPE")(cmd, args)
}

func evaluateRun(ctx context.Context, s *run.Studio, name string, metrics []registry.Choice[metric.Metric], truncation float64) ([]metric.Score, error) {
	r, err := s.Open(name)
	if errors.Is(err, run.ErrNoRun) {
		return nil, badinput.Errorf("%w; a folder of pictures is scored with --as RECIPE", err)
	}
	if err != nil {
		return nil, err
	}
	if truncation != 1 {
		return r.EvaluateTruncated(ctx, metrics, truncation)
	}
	return r.Evaluate(ctx, metrics)
}

// A folder of pictures is scored as those of a configuration.
type folder struct {
	path      string
	as        string // recipe, run file or run
	overrides []string
	sheet     *durable.Place // of a PNG, nil for none
	notice    func(string)   // tells a person a line
}

// picturesOf are the pictures of a folder, none of them held out.
func picturesOf(path string) (data.Source, error) {
	pictures, err := data.Sources.New("folder")
	if err != nil {
		return nil, err
	}
	f, ok := pictures.(*source.Folder)
	if !ok {
		return nil, fmt.Errorf("a folder is read by a %T", pictures)
	}
	f.Path, f.Kind, f.TestShare = path, "pictures", 0
	return f, registry.Check(f)
}

func (c *cli) evaluateFolder(ctx context.Context, s *run.Studio, f folder, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	config, err := c.configOf(f.as, f.overrides)
	if err != nil {
		return nil, err
	}
	pictures, err := picturesOf(f.path)
	if err != nil {
		return nil, err
	}
	fakes, err := s.ReadFakes(ctx, pictures, config)
	if err != nil {
		return nil, err
	}
	if f.sheet != nil {
		picture, err := fakes.Sheet()
		if err != nil {
			return nil, err
		}
		path, err := f.sheet.WriteFile(picture)
		if err != nil {
			return nil, err
		}
		f.notice("wrote " + path)
	}
	return fakes.Evaluate(ctx, metrics)
}

// configOf reads a recipe, a run file, or the file of a run.
func (c *cli) configOf(name string, overrides []string) (*run.Config, error) {
	_, unknown := recipes.Read(name)
	if unknown == nil || strings.HasSuffix(name, ".toml") {
		return readConfig(name, overrides)
	}
	dir, err := run.OpenDir(c.runs, name)
	if err != nil {
		return nil, badinput.Errorf("--as: %w; and %w", unknown, err)
	}
	return readConfig(dir.Path("run.toml"), overrides)
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
