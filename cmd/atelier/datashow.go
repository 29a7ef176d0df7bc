package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/statistics"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/filename"
	"atelier/internal/licence"
)

func newDataList(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the datasets", Example: "  atelier data list --json",
		Args: takes(0, 0, ""), ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withLibrary(func(l *library.Library) error {
			list, damaged, err := l.Store.List(cmd.Context())
			if err != nil {
				return err
			}
			c.leftOut(damaged)
			if *asJSON {
				return c.json(append([]store.Entry{}, list...))
			}
			rows := make([][]string, len(list))
			for i, e := range list {
				rows[i] = []string{e.Ref(), fmt.Sprint(e.Items), humanize.IBytes(uint64(max(e.Bytes, 0))), e.Made.Local().Format(time.DateTime), e.Hash[:12]}
			}
			c.table([]string{"DATASET", "ITEMS", "SIZE", "MADE", "HASH"}, rows)
			return nil
		})
	}
	return cmd
}

// leftOut names the datasets that cannot be read.
func (c *cli) leftOut(damaged []store.Damaged) {
	for _, d := range damaged {
		c.warn("left out "+d.Ref, d.Err.Error())
	}
}

func newDataShow(c *cli) *cobra.Command {
	var asJSON, asHTML, force *bool
	var out *string
	cmd := c.withVersion("show", "Show the card of a dataset: sources, licences, what was done to it", "show faces@2", func(cmd *cobra.Command, l *library.Library, v *store.Version) error {
		switch {
		case *asHTML:
			return c.writeReport(cmd.Context(), l, v, *out, *force)
		case *out != "":
			return badinput.Errorf("data show: -o is for the page: add --html")
		case *asJSON:
			return c.json(v.Manifest())
		}
		sums, err := l.Store.Forgotten(cmd.Context(), v.Manifest().Name)
		c.card(v, sums)
		return err
	})
	asJSON = jsonFlag(cmd)
	asHTML = cmd.Flags().Bool("html", false, "write the card as a page, the same as data report")
	out = cmd.Flags().StringP("out", "o", "", "with --html: the new file to write (default NAME-VERSION.html)")
	force = forceFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("html", "json")
	return cmd
}

// card prints the card of a version, and the forgotten Items of the dataset.
func (c *cli) card(v *store.Version, forgotten [][32]byte) {
	m := v.Manifest()
	c.say("%s\nhash     %s\nmade     %s by atelier %s", v.Ref(), v.Hash(), m.Made.Local().Format(time.DateTime), filename.Readable(m.Program))
	if m.Base != nil {
		c.say("from     %s", filename.Readable(m.Base.Ref))
	}
	classes := counts(m.Counts.Classes)
	if n := m.Counts.Unlabelled(); n > 0 {
		classes += fmt.Sprintf("; %d without label", n)
	}
	c.say("parts    %s\nclasses  %s\nlicences %s\nfolder   %s", counts(bySplit(m.Counts.Splits)), classes, counts(m.Licences), v.Place())
	var known statistics.Set
	if text := m.Statistics[statistics.Key]; text != nil && json.Unmarshal(text, &known) == nil {
		for _, line := range known.Lines() {
			c.say("measured %s", filename.Readable(line))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Licences)) {
		c.say("asked    by %s: %s", filename.Readable(name), licence.InWords(name))
	}
	for _, line := range library.CrossingOf(m).Lines() {
		c.say("copies   %s", line)
	}
	for _, s := range m.Sources {
		c.say("source   %s: %s", s.Use, strings.Join(strings.Split(strings.TrimSpace(s.Settings), "\n"), ", "))
		if len(s.Dropped) > 0 {
			c.say("dropped  %s", counts(s.Dropped))
		}
	}
	if n := len(forgotten); n > 0 {
		c.say("excluded %d forgotten Items: %s", n, beginnings(forgotten))
	}
	c.steps(m.Steps)
}

// steps prints what cleaners did, and lists those that found nothing to do.
func (c *cli) steps(steps []store.Step) {
	var rows [][]string
	var idle []string
	for _, s := range steps {
		if len(s.Changed)+len(s.Dropped) == 0 {
			idle = append(idle, s.Use)
			continue
		}
		rows = append(rows, []string{s.Use, fmt.Sprint(s.Seen), counts(s.Changed), counts(s.Dropped)})
	}
	if len(rows) > 0 {
		c.say("")
		c.table([]string{"CLEANER", "SAW", "CHANGED", "DROPPED"}, rows)
	}
	if len(idle) > 0 {
		c.say("\nfound nothing to do: %s", strings.Join(idle, ", "))
	}
}

// beginnings writes the first digits of hashes, which identify them.
func beginnings(sums [][32]byte) string {
	const most = 12
	var parts []string
	for _, sum := range sums[:min(most, len(sums))] {
		parts = append(parts, hex.EncodeToString(sum[:6]))
	}
	if len(sums) > most {
		parts = append(parts, "...")
	}
	return strings.Join(parts, ", ")
}

func bySplit(of map[data.Split]int) map[string]int {
	named := map[string]int{}
	for split, n := range of {
		named[string(split)] = n
	}
	return named
}

// counts writes counts by name, the most frequent of many.
func counts(of map[string]int) string {
	const most = 12
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if of[a] != of[b] {
			return of[b] - of[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for i, n := range names {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d others", len(names)-most))
			break
		}
		label := n
		if label == "" {
			label = "unknown"
		}
		parts = append(parts, fmt.Sprintf("%s %d", filename.Readable(label), of[n]))
	}
	return strings.Join(parts, ", ")
}

func newDataReport(c *cli) *cobra.Command {
	var out *string
	var force *bool
	cmd := c.withVersion("report", "Write a page about a dataset: samples, plots, licences, what was dropped and why", "report faces -o faces.html", func(cmd *cobra.Command, l *library.Library, v *store.Version) error {
		return c.writeReport(cmd.Context(), l, v, *out, *force)
	})
	out = cmd.Flags().StringP("out", "o", "", "the new file to write (default NAME-VERSION.html)")
	force = forceFlag(cmd)
	return cmd
}

// writeReport writes the page about a version.
func (c *cli) writeReport(ctx context.Context, l *library.Library, v *store.Version, out string, force bool) error {
	place, err := placeOf(ctx, newGuard(force, l.Home), out, strings.ReplaceAll(v.Ref(), "@", "-")+".html")
	if err != nil {
		return err
	}
	path, err := place.Write(func(w io.Writer) error { return l.Report(ctx, v.Ref(), w) })
	if err == nil {
		c.beside(place).say("wrote %s", path)
	}
	return err
}

func newDataDiff(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "diff A B", Short: "Show how one version differs from another", Example: "  atelier data diff faces@1 faces@2",
		Args: takes(2, 2, "two versions"), ValidArgsFunction: c.completeDataset,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withLibrary(func(l *library.Library) error {
			d, err := l.Diff(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if *asJSON {
				return c.json(d)
			}
			c.say("%d Items are in both, %d only in %s, %d only in %s", d.Both, d.OnlyA, d.A.Ref, d.OnlyB, d.B.Ref)
			if d.Moved+d.Relabelled > 0 {
				c.say("%d are in another part, %d have another label", d.Moved, d.Relabelled)
			}
			for _, n := range d.Removed {
				c.say("- %s", n)
			}
			for _, n := range d.Added {
				c.say("+ %s", n)
			}
			return nil
		})
	}
	return cmd
}

func newDataVerify(c *cli) *cobra.Command {
	return c.withVersion("verify", "Read a version in full and check every hash", "verify faces@2", func(cmd *cobra.Command, l *library.Library, v *store.Version) error {
		if err := v.Verify(cmd.Context()); err != nil {
			return err
		}
		c.say("%s is intact: %s", v.Ref(), v.Hash())
		return nil
	})
}
