package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/jobs"
	"atelier/model/run"
	"atelier/server"
)

func newDataForget(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forget NAME (--item HASH | --origin PATTERN | --lift HASH)",
		Short: "Make a version without some Items, and name the runs trained on them",
		Long: `Make a version without some Items, and name the runs that were trained on them. With
--erase their bytes are also removed from older versions and caches, and every file of
the datasets is searched for what may be left of them. A forgotten Item is dropped if it
is collected again, recognised by its hash, until --lift allows it.`,
		Example: `  atelier data forget faces --item 3f1a9c02
  atelier data forget faces --origin "https://example.org/*" --erase
  atelier data forget faces --lift 3f1a9c02`,
		Args: forgets, ValidArgsFunction: c.completeDataset,
	}
	var s library.Selection
	cmd.Flags().StringSliceVar(&s.Hashes, "item", nil, "SHA-256 of an Item, or its first 8 or more digits")
	cmd.Flags().StringSliceVar(&s.Origins, "origin", nil, "pattern of the addresses or paths that Items come from; * matches anything")
	erase := cmd.Flags().Bool("erase", false, "also remove the bytes from older versions and caches")
	lift := cmd.Flags().StringSlice("lift", nil, "allow a forgotten Item again: its SHA-256, or the first 8 or more digits")
	cmd.MarkFlagsMutuallyExclusive("lift", "item")
	cmd.MarkFlagsMutuallyExclusive("lift", "origin")
	cmd.MarkFlagsMutuallyExclusive("lift", "erase")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, done, err := c.library()
		if err != nil {
			return err
		}
		defer done()
		if len(*lift) > 0 {
			n, err := l.Readmit(cmd.Context(), args[0], *lift)
			if err == nil {
				c.say("%d Items are allowed in %s again", n, args[0])
			}
			return err
		}
		f, err := l.Forget(cmd.Context(), args[0], &s)
		if err != nil {
			return err
		}
		var erased *library.Erased
		var failed error
		if *erase {
			erased, failed = l.Erase(cmd.Context(), f)
		}
		done()
		if f.Items == 0 {
			c.say("%s has none of them: no new version was made", f.Version.Ref())
		} else {
			c.made(f.Version)
		}
		if len(f.Had) > 0 {
			c.say("forgot %d Items, which were in %s", f.Most, strings.Join(refs(f.Had), ", "))
			failed = errors.Join(failed, c.learned(cmd.Context(), l.Store, f.Had))
		}
		if erased != nil && failed == nil {
			c.erased(f, erased)
		}
		return failed
	}
	return cmd
}

// forgets checks the arguments, and detects a pattern that the shell expanded.
func forgets(cmd *cobra.Command, args []string) error {
	files := 0
	for _, a := range args {
		if _, err := os.Stat(a); err == nil {
			files++
		}
	}
	if len(args) > 1 && files >= len(args)-1 {
		return badinput.Errorf("forget: the shell expanded the pattern to file names, such as %s; quote the pattern: --origin '*.png'", args[len(args)-1])
	}
	return takes(1, 1, "NAME")(cmd, args)
}

// mostHashes is the largest number of Items in a suggested command.
const mostHashes = 16

// erased prints what was erased, and which other datasets hold the same bytes.
func (c *cli) erased(f *library.Forgotten, e *library.Erased) {
	where := "no other copies"
	if len(e.Elsewhere) > 0 {
		where = fmt.Sprintf("copies only in %d other datasets", len(e.Elsewhere))
	}
	c.say("erased %d Items; searched %d files and found %s", max(f.Most, len(f.Digests)), e.Files, where)
	var hashes []string
	for _, sum := range f.Digests[:min(len(f.Digests), mostHashes)] {
		hashes = append(hashes, hex.EncodeToString(sum[:6]))
	}
	for i, name := range slices.Sorted(maps.Keys(e.Elsewhere)) {
		if i == mostElsewhere {
			c.say("and %d more datasets do", len(e.Elsewhere)-i)
			break
		}
		versions := e.Elsewhere[name]
		c.say("%s holds the same bytes in %d versions (%s); to erase them there: atelier data forget %s --item %s --erase",
			name, len(versions), shortList(versions), name, strings.Join(hashes, ","))
	}
	if more := len(f.Digests) - mostHashes; more > 0 && len(e.Elsewhere) > 0 {
		c.say("%d more Items do, or may: select them there by --origin", more)
	}
}

// mostElsewhere is the largest number of datasets, or versions of one, named.
const mostElsewhere = 10

// shortList writes the first of many names.
func shortList(names []string) string {
	if more := len(names) - mostElsewhere; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostElsewhere], ", "), more)
	}
	return strings.Join(names, ", ")
}

func refs(versions []store.Base) []string {
	var all []string
	for _, v := range versions {
		all = append(all, v.Ref)
	}
	return all
}

// learned prints the runs that were trained on one of the versions: those in the catalog,
// wherever they are, and those in the folder of runs.
func (c *cli) learned(ctx context.Context, s *store.Store, versions []store.Base) error {
	known := map[string]bool{}
	tell := func(run, ref string) {
		if path, err := filepath.Abs(run); err == nil && !known[path+ref] {
			known[path+ref] = true
			c.say("run %s was trained on %s", run, ref)
		}
	}
	here, err := c.trained()
	if err != nil {
		return err
	}
	for _, v := range versions {
		runs, err := s.Runs(ctx, v.Hash)
		if err != nil {
			return err
		}
		for _, r := range append(runs, here...) {
			if r.Hash == v.Hash {
				tell(r.Path, v.Ref)
			}
		}
	}
	if len(known) == 0 {
		c.say("no known run was trained on them")
	}
	return nil
}

// trained returns the runs in the folder of runs that were trained on stored versions, and
// prints those for which this is unknown.
func (c *cli) trained() ([]store.TrainedRun, error) {
	dirs, damaged, err := run.Survey(c.runs)
	if err != nil {
		return nil, err
	}
	for _, d := range damaged {
		c.warn("left out "+d.Folder, d.Err.Error())
	}
	var all []store.TrainedRun
	for _, d := range dirs {
		facts, err := d.Facts()
		if err != nil {
			c.warn("left out "+d.Name(), err.Error())
			continue
		}
		if facts.Dataset != "" {
			all = append(all, store.TrainedRun{Path: d.Path(), Ref: facts.Dataset, Hash: facts.DatasetHash})
		}
	}
	return all, nil
}

func newDataReindex(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "reindex", Short: "Rebuild the indexes from the folders of the datasets, of the runs and of what the studio made", Example: "  atelier data reindex",
		Args: takes(0, 0, ""), ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if place, err := studioHome(); err == nil && server.IsHome(place) {
			server.KeepPrivate() // as the studio, whose indexes these are
		}
		return c.withLibrary(func(l *library.Library) error {
			runs, err := c.trained()
			if err != nil {
				return err
			}
			damaged, err := l.Store.Reindex(cmd.Context(), runs)
			c.leftOut(damaged)
			if err != nil {
				return err
			}
			return c.reindexJobs(cmd.Context())
		})
	}
	return cmd
}

// reindexJobs finds the jobs of the studio again by the files that they made. Without outputs there was
// no studio.
func (c *cli) reindexJobs(ctx context.Context) (err error) {
	place, err := studioHome()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place, "outputs")); err != nil {
		return nil
	}
	hold, err := server.HoldHome(place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	l, err := server.OpenLedger(ctx, place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	added, err := jobs.Reindex(l, place)
	if added > 0 {
		c.say("jobs of the studio found again: %d", added)
	}
	return err
}
