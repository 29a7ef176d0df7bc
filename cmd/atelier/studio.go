package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/engine"
	"atelier/internal/home"
	"atelier/model/run"
	"atelier/model/train"
	"atelier/recipes"
)

// studio opens the device that was asked for and tells the meter how training goes. The caller
// calls done in the end.
func (c *cli) studio(m *meter) (s *run.Studio, done func(), err error) {
	backend, err := engine.Open(c.engine)
	if err != nil {
		return nil, nil, err
	}
	s = &run.Studio{
		Runs: c.runs, Cache: examplesFolder(), Backend: backend,
		Program: thisVersion().programCommit(), Engine: c.engine.Path(),
		Working:  m.stage,
		Notice:   m.notice,
		Progress: func(e train.Event) { m.showBefore(e.Step, e.Total, e.Stats, e.Then, e.ThenTakes) },
	}
	return s, func() { m.done(); backend.Finalize() }, nil
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

// completeRun completes the first argument with the names of the runs.
func (c *cli) completeRun(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	dirs, err := run.List(c.runs)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	return names, cobra.ShellCompDirectiveNoFileComp
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
	return strings.EqualFold(filepath.Ext(arg), runFile) || strings.ContainsAny(arg, `/\`)
}
