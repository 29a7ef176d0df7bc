package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/engine"
	"atelier/internal/fetch"
	"atelier/internal/home"
	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/remote"
	"atelier/model/run"
	"atelier/model/train"
	"atelier/recipes"
)

// studio opens the device that was asked for and tells the meter how its work goes. The
// caller calls done in the end.
func (c *cli) studio(m *meter) (s *run.Studio, done func(), err error) {
	backend, err := engine.Open(c.engine)
	if err != nil {
		return nil, nil, err
	}
	matcher, kernels := engine.NewMatcher(c.engine), engine.NewDots(c.engine)
	s = &run.Studio{
		Runs: c.runs, Home: weightsHome(), Cache: examplesFolder(), Backend: backend, Matcher: matcher, Kernels: kernels,
		Program: thisVersion().programCommit(), Engine: c.engine.Path(),
		Watcher: m.watcher(),
	}
	return s, func() { m.done(); matcher.Close(); kernels.Close(); backend.Finalize() }, nil
}

// weightsHome is the folder below which pretrained weights are stored; empty if there is no
// place for such on this machine.
func weightsHome() string {
	place, err := brought.Home()
	if err != nil {
		return ""
	}
	return place
}

// pdfCache is the folder where the compiled reader of PDF files is kept; empty if there is no
// place for it on this machine.
func pdfCache() string {
	if place := weightsHome(); place != "" {
		return filepath.Join(place, "cache", "pdf")
	}
	return ""
}

// fetchPage fetches a page of the web for a person.
func fetchPage(ctx context.Context, address string) (*fetch.Page, error) {
	s := fetch.Defaults()
	s.AllowPrivate = os.Getenv(app.PrivateVariable) == "1"
	c := fetch.NewFor("reading for a person", s)
	defer c.Close()
	return c.Get(ctx, address)
}

// remoteSettings say where the server of the model remote is, from the environment.
func remoteSettings() remote.Settings {
	return remote.Settings{Address: os.Getenv(remote.AddressVariable), Model: os.Getenv(remote.ModelVariable), Key: os.Getenv(remote.KeyVariable)}
}

// examplesFolder is where encoded examples of stored sets are kept; empty if there is
// no place for datasets on this machine.
func examplesFolder() string {
	place, err := home.Datasets()
	if err == nil {
		place, err = home.Local(place)
	}
	if err != nil {
		return ""
	}
	return filepath.Join(place, "cache")
}

// watcher shows on the meter how the work of a Studio goes.
func (m *meter) watcher() run.Watcher {
	return run.Watcher{
		Working:  m.stage,
		Notice:   m.notice,
		Progress: func(e train.Event) { m.showBefore(e.Step, e.Total, e.Stats, e.Then, e.ThenTakes) },
	}
}

// runsThat names the runs that can do something, all if it is empty.
func (c *cli) runsThat(can string) (names []string) {
	dirs, _ := run.List(c.runs)
	for _, d := range dirs {
		if can == "" || d.Can(can) {
			names = append(names, d.Name())
		}
	}
	return names
}

// completeRun completes the first argument with the names of the runs.
func (c *cli) completeRun(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.runsThat(""), cobra.ShellCompDirectiveNoFileComp
}

// completeRuns completes every argument with the names of the runs.
func (c *cli) completeRuns(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return c.completeRun(cmd, nil, begun)
}

// completeRecipe completes the first argument with recipes and run files.
func completeRecipe(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	folder, name := filepath.Split(begun)
	entries, _ := os.ReadDir(cmp.Or(folder, "."))
	found := recipes.Names()
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), name) && isFile(e.Name()) {
			found = append(found, folder+e.Name())
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeSettings completes a setting key=value of the recipe or run file that is the first
// argument, of which those after it are changed already; of a run that is resumed, the only one
// it takes. For works of a person's own it knows only what every run has.
func completeSettings(resumed string, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if resumed != "" {
		return []string{"steps="}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	word, changed, config := args[0], args[1:], run.Defaults()
	if recipe, file, err := recipeOrFile(word); err == nil && !app.IsOwn(word) {
		for _, settings := range [][]string{changed, nil} { // a mistake in one is no reason to know none
			if c, err := app.ConfigOf(recipe, file, settings); err == nil {
				config = c
				break
			}
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if !strings.Contains(begun, "=") {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return registry.Complete(config, begun), directive
}

// completeEvaluated completes the first argument with runs, and with folders.
func (c *cli) completeEvaluated(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	names, directive := c.completeRun(cmd, args, begun)
	if len(args) == 0 {
		directive = cobra.ShellCompDirectiveDefault
	}
	return names, directive
}

// completeConfig completes a flag with recipes, run files and runs.
func (c *cli) completeConfig(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	files, directive := completeRecipe(cmd, nil, begun)
	names, _ := c.completeRun(cmd, nil, begun)
	return slices.Concat(files, names), directive
}

// isFile tells a run file from the name of a recipe.
func isFile(arg string) bool {
	return strings.EqualFold(filepath.Ext(arg), app.RunFile) || strings.ContainsAny(arg, `/\`)
}
