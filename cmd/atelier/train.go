package main

import (
	"cmp"
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

func newTrain(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train RECIPE|FILE.toml [key=value ...]",
		Short: "Train a new run, or go on with one that was interrupted",
		Long: `Train a new run by a recipe or a run file, with single settings changed by
key=value arguments. Ctrl-C stops cleanly, with everything saved; so does closing the
terminal, unless under nohup.`,
		Example: `  atelier train fashion
  atelier train fashion steps=8000 model.loss.use=hinge
  atelier train mine.toml
  atelier train --resume 0001-fashion
  atelier train --resume 0001-fashion steps=8000`,
		ValidArgsFunction: completeRecipe,
	}
	c.computes(cmd)
	profile := cmd.Flags().Bool("profile", false, "print what each operation of the networks took")
	resume := cmd.Flags().String("resume", "", "go on with this run: its name, number or path")
	cmd.RegisterFlagCompletionFunc("resume", func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return c.completeRun(cmd, nil, begun)
	})
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if *resume != "" {
			_, err := longerSteps(*resume, args)
			return err
		}
		return takes(1, -1, "RECIPE or FILE.toml")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *resume != "" {
			return c.train(cmd.Context(), *profile, func(ctx context.Context, s *run.Studio) (*run.Run, error) {
				steps, err := longerSteps(*resume, args)
				if err != nil {
					return nil, err
				}
				return s.ResumeTo(ctx, *resume, steps)
			})
		}
		config, err := readConfig(args[0], args[1:])
		if err != nil {
			return err
		}
		return c.train(cmd.Context(), *profile, func(ctx context.Context, s *run.Studio) (*run.Run, error) { return s.Train(ctx, config) })
	}
	return cmd
}

// longerSteps is the number of steps that a run is to have, 0 to leave it: all that a run
// which is gone on with can be told.
func longerSteps(resume string, args []string) (int, error) {
	if len(args) == 0 {
		return 0, nil
	}
	text, ok := strings.CutPrefix(args[0], "steps=")
	steps, err := strconv.Atoi(text)
	switch {
	case !ok || len(args) > 1:
		return 0, badinput.Errorf("train --resume %s takes no further argument than steps=N, got %q: a run keeps its settings", resume, args[len(args)-1])
	case err != nil || steps < 1 || steps > run.MostSteps:
		return 0, badinput.Errorf("train --resume %s: want steps=N with a whole number from 1 to %d, got %q", resume, run.MostSteps, args[0])
	}
	return steps, nil
}

// train trains and prints how the result scores and where its pictures are, and
// first what its operations took where that was asked for.
func (c *cli) train(ctx context.Context, profile bool, train func(context.Context, *run.Studio) (*run.Run, error)) error {
	s, done, err := c.studio(newMeter(c.console))
	if err != nil {
		return err
	}
	show := func() {}
	if profile {
		if show, err = c.profiled(s.Backend); err != nil {
			done()
			return err
		}
	}
	r, err := train(ctx, s)
	done()
	if err != nil {
		return err
	}
	show()
	scores, err := r.Dir.Scores()
	if err != nil {
		return err
	}
	if last := latest(scores); len(last) > 0 {
		c.scores(last)
	}
	preview, kind, err := r.Dir.LastPreview()
	if err == nil && preview != "" {
		c.say("%s: %s\nmore: atelier generate %s %s", kind.What, preview, r.Dir.Argument(), kind.More)
	}
	return err
}

// runFile is the extension of run files.
const runFile = ".toml"

// readConfig reads a recipe or a run file; the run is called by its name unless
// the file gives another.
func readConfig(from string, overrides []string) (*run.Config, error) {
	name := filepath.Base(from)
	if strings.EqualFold(filepath.Ext(name), runFile) {
		name = name[:len(name)-len(runFile)]
	}
	label, read := name+runFile, recipes.Read
	if isFile(from) {
		label, read = from, readFile
	} else {
		from = name
	}
	text, err := read(from)
	if err != nil {
		return nil, err
	}
	config, err := run.Parse(label, text, overrides...)
	if err != nil {
		return nil, err
	}
	config.Name = cmp.Or(config.Name, name)
	if err := config.Check(); err != nil {
		return nil, badinput.Errorf("the file's name is that of the run: %w; give it another with name=NAME", err)
	}
	return config, nil
}

// readFile reads a run file, and no more of it than a run file may have.
func readFile(path string) ([]byte, error) {
	text, err := durable.ReadFile(path, registry.MaxFile)
	return text, badinput.Mark(err)
}
