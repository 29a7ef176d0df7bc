package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/home"
	"atelier/internal/registry"
)

func newData(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Collect, clean and keep datasets",
		Long: `Collect, clean and keep datasets. A dataset has versions, which never change: each
records where its Items come from, what was done to them and what was dropped.
train takes one by name and version: data.use=stored data.name=faces@2.`,
		Example: "  atelier data add faces photos/\n  atelier data report faces -o faces.html",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return badinput.Errorf("no command %q of data; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newDataAdd(c), newDataList(c), newDataShow(c), newDataReport(c), newDataClean(c), newDataMerge(c),
		newDataDiff(c), newDataVerify(c), newDataExport(c), newDataForget(c), newDataRemove(c), newDataReindex(c))
	return cmd
}

// library opens the library of datasets, with progress on the console.
func (c *cli) library() (*library.Library, func(), error) {
	place, err := home.Datasets()
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(place)
	if err != nil {
		return nil, nil, err
	}
	m := newMeter(c.console)
	s.Progress = m.stage
	l := &library.Library{Store: s, Home: s.Home(), Program: thisVersion().programCommit(), Notice: m.notice, Progress: m.stage}
	return l, m.done, nil
}

// setHome makes the flag --home the folder of the datasets, for this command and all that it
// calls.
func (c *cli) setHome() error {
	if c.home == "" {
		return nil
	}
	return home.SetDatasets(c.home)
}

// completeDataset completes the names of datasets.
func (c *cli) completeDataset(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	l, _, err := c.library()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := l.Store.Names(cmd.Context())
	return names, cobra.ShellCompDirectiveNoFileComp
}

// withLibrary calls a function with the library of datasets.
func (c *cli) withLibrary(do func(*library.Library) error) error {
	l, done, err := c.library()
	if err != nil {
		return err
	}
	defer done()
	return do(l)
}

// littleGarbage is how much the heap may grow between two collections, in % of what is
// live. What grows with a set is long-lived and hardly costs a collector: a quarter less
// memory than at Go's own 100, in the same time.
const littleGarbage = 40

// making makes a version, and prints it.
func (c *cli) making(ctx context.Context, do func(*library.Library) (*store.Version, error)) error {
	v, err := c.makes(do)
	if err != nil {
		return err
	}
	c.made(v)
	return c.losses(ctx, v)
}

// makes makes a version.
func (c *cli) makes(do func(*library.Library) (*store.Version, error)) (*store.Version, error) {
	l, done, err := c.library()
	if err != nil {
		return nil, err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(littleGarbage)
	}
	defer done()
	return do(l)
}

// made reports a version that a command made or found.
func (c *cli) made(v *store.Version) {
	m := v.Manifest()
	dropped := 0
	for _, n := range m.Counts.Dropped {
		dropped += n
	}
	c.say("%s@%d: %d Items for training, %d for testing, %d dropped", m.Name, m.Version, m.Counts.Splits["train"], m.Counts.Splits["test"], dropped)
	if m.Counts.Splits[data.Train] == 0 {
		c.warn(v.Ref(), "the training part is empty: no run can be trained on this version")
	}
	for _, line := range library.CrossingOf(m).Lines() {
		c.say("copies: %s", line)
	}
	c.say("hash: %s\nmore: atelier data show %s@%d", v.Hash(), m.Name, m.Version)
}

// withVersion makes a command that works on one version.
func (c *cli) withVersion(use, short, example string, do func(cmd *cobra.Command, l *library.Library, v *store.Version) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use + " NAME", Short: short, Example: "  atelier data " + example,
		Args: takes(1, 1, "NAME or NAME@VERSION"), ValidArgsFunction: c.completeDataset,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withLibrary(func(l *library.Library) error {
			v, err := l.Store.Version(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return do(cmd, l, v)
		})
	}
	return cmd
}
