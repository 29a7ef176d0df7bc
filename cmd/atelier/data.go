package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/home"
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
			return badinput.Errorf("no command %q of data; there are %s", args[0], commands(cmd))
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newDataAdd(c), newDataList(c), newDataShow(c), newDataReport(c), newDataClean(c), newDataMerge(c),
		newDataDiff(c), newDataVerify(c), newDataExport(c), newDataForget(c), newDataRemove(c), newDataReindex(c))
	return cmd
}

// library opens the place of the datasets, and tells of its work on the console.
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

// setHome makes the flag --home the place of the datasets, for this command and all
// that it calls.
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

// withLibrary does something with the library of datasets.
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

// making makes a version of what the flags for cleaning say, and tells of it.
func (c *cli) making(ctx context.Context, flags *cleaningFlags, do func(*library.Library, *library.Pipeline) (*store.Version, error)) error {
	p, err := flags.pipeline()
	if err != nil {
		return err
	}
	l, done, err := c.library()
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(littleGarbage)
	}
	v, err := do(l, p)
	done()
	if err != nil {
		return err
	}
	c.made(v)
	return c.losses(ctx, v)
}

// made tells of a version that a command made or found.
func (c *cli) made(v *store.Version) {
	m := v.Manifest()
	dropped := 0
	for _, n := range m.Counts.Dropped {
		dropped += n
	}
	c.say("%s@%d: %d Items to train on, %d to measure against, %d dropped", m.Name, m.Version, m.Counts.Splits["train"], m.Counts.Splits["test"], dropped)
	for _, line := range library.CrossingOf(m).Lines() {
		c.say("copies: %s", line)
	}
	c.say("hash: %s\nmore: atelier data show %s@%d", v.Hash(), m.Name, m.Version)
}

// withVersion makes the command of something that is done with one version.
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
