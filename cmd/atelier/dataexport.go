package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
)

func newDataExport(c *cli) *cobra.Command {
	var to, format string
	cmd := c.withVersion("export", "Write the Items of a version into a new folder, for other programs", "export faces@2 --to faces --format jsonl",
		func(cmd *cobra.Command, _ *library.Library, v *store.Version) error {
			switch {
			case to == "":
				return badinput.Errorf("data export: want --to FOLDER, a new folder to write to")
			case slices.Contains(store.Formats(), to) && !cmd.Flags().Changed("format"):
				to, format = v.Manifest().Name+"-"+to, to // --to jsonl
			}
			if err := store.Export(cmd.Context(), v, to, format); err != nil {
				return err
			}
			c.say("%s is in %s", v.Ref(), to)
			return nil
		})
	cmd.Flags().StringVar(&to, "to", "", "the new folder; a format alone writes to NAME-FORMAT")
	cmd.Flags().StringVar(&format, "format", "dir", strings.Join(store.Formats(), ", ")+": files in split/label/ with labels.csv, MNIST's files, one line per Item, or plain Parquet")
	return cmd
}
