package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

func newTrain(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train RECIPE|FILE.toml|FOLDER [key=value ...]",
		Short: "Train a new run, or resume an interrupted one",
		Long: `Train a new run by a recipe or a run file, with single settings changed by
key=value arguments, or on a folder or an archive of your own pictures, texts or MIDI files, or
on one long text: recipe and settings are chosen to suit them, and printed. Ctrl-C stops cleanly,
with everything saved; so does closing the terminal, unless under nohup.`,
		Example: `  atelier train fashion
  atelier train photos/ --minutes 10
  atelier train ./letters.zip --dry-run
  atelier train fashion steps=8000 model.loss.use=hinge
  atelier train mine.toml
  atelier train fashion --energy-budget 20Wh
  atelier train --resume 0001-fashion
  atelier train --resume 0001-fashion steps=8000`,
	}
	c.computes(cmd)
	profile := cmd.Flags().Bool("profile", false, "print the time of each operation of the networks")
	minutes := newNumber(cmd, "minutes", 0, "train for about this many minutes: the number of steps follows from the measured speed")
	budget := cmd.Flags().String("energy-budget", "", "stop training when this much energy is spent, such as 20Wh or 0.5kWh, by the upper end of what is measured or estimated; everything is saved")
	dry := cmd.Flags().Bool("dry-run", false, "say what would be trained, and train nothing")
	asJSON := jsonFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("profile", "json")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "json")
	resume := cmd.Flags().String("resume", "", "resume this run: its name, number or path")
	cmd.RegisterFlagCompletionFunc("resume", c.completeRuns)
	cmd.ValidArgsFunction = completeTrain(resume)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if *resume != "" {
			t := resumed(*resume, args)
			t.Minutes, t.DryRun, t.Budget = *minutes, *dry, *budget
			return namingFlags(t, app.Check(t, app.Out{}))
		}
		return takes(1, -1, "RECIPE, FILE.toml or FOLDER")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("minutes") && *minutes == 0 {
			return badinput.Errorf("--minutes: want 0.1 to 100000, got 0; without it the recipe's own steps are trained")
		}
		t := resumed(*resume, args)
		t.Budget = *budget
		if *resume == "" {
			t.Settings, t.Minutes, t.DryRun = args[1:], *minutes, *dry
			if app.IsOwn(args[0]) {
				t.Works = here(args[0])
				return c.train(cmd.Context(), t, *profile, *asJSON)
			}
			var err error
			if t.Recipe, t.File, err = recipeOrFile(args[0]); err != nil {
				return err
			}
		}
		return c.train(cmd.Context(), t, *profile, *asJSON)
	}
	return cmd
}

// here is a path for an app, which takes a bare name for that of a dataset: what is here goes first.
func here(path string) app.Set {
	if _, err := os.Stat(path); err == nil && filepath.Base(path) == path && path != "." {
		path = "." + string(filepath.Separator) + path
	}
	return app.Set(path)
}

// completeTrain completes the arguments of train, of a run that is resumed those that it takes.
func completeTrain(resume *string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if *resume == "" && len(args) == 0 {
			return completeRecipe(cmd, args, begun)
		}
		return completeSettings(*resume, args, begun)
	}
}

// train trains and prints how it came out, and first what its operations took where that was
// asked for. As JSON it prints how the training came out and nothing else.
func (c *cli) train(ctx context.Context, t *app.Train, profile, asJSON bool) error {
	m := newMeter(c.console)
	s, done, err := c.studio(m)
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
	say := func(line string) { m.done(); c.say("%s", line) }
	if asJSON {
		say = m.notice
	}
	var found *app.Trained
	env := &app.Env{
		Studio: s, Watcher: m.watcher(), Found: func(v any) { found = v.(*app.Trained) },
		Say: say,
	}
	err = app.Run(ctx, t, env)
	done()
	if err != nil || found == nil {
		return namingFlags(t, err)
	}
	if asJSON {
		return c.json(found)
	}
	show()
	return c.outcome(found.Dir, found.Scores)
}

// resumed makes the request to resume a run, if one is named.
func resumed(name string, settings []string) *app.Train {
	t := app.New[*app.Train]()
	t.Resume, t.Settings = app.Model(name), settings
	return t
}

// recipeOrFile is the name of a recipe, or the run file that a path leads to.
func recipeOrFile(word string) (recipe string, file app.File, err error) {
	if !isFile(word) {
		return word, file, nil
	}
	text, err := readFile(word)
	return "", app.File{Name: word, Bytes: text}, err
}

// readFile reads a run file, and no more of it than a run file may have.
func readFile(path string) ([]byte, error) {
	text, err := durable.ReadFile(path, registry.MaxFile)
	return text, badinput.Mark(err)
}
