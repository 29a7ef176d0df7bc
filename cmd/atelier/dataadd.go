package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/home"
	"atelier/model/run"
)

// cleaningFlags are the flags that choose how Items are cleaned.
type cleaningFlags struct {
	clean          []string
	requireLicence string
}

func (f *cleaningFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.clean, "clean", nil, "a cleaning recipe ("+strings.Join(library.PipelineNames(), ", ")+" or a file), or a setting such as size.width=64, blur=off or test_share=0.2; may be repeated")
	cmd.Flags().StringVar(&f.requireLicence, "require-licence", "", `keep only Items of these licences, such as "CC-BY-*,CC0-*,MIT"`)
}

// cleaning reads the flags.
func (f *cleaningFlags) cleaning() (c app.Cleaning, err error) {
	c.RequireLicence = f.requireLicence
	recipe := ""
	for _, word := range f.clean {
		switch {
		case strings.Contains(word, "="):
			c.Clean = append(c.Clean, word)
		case isFile(word):
			if _, c.CleanFile, err = recipeOrFile(word); err != nil {
				return c, err
			}
		default:
			recipe, c.CleanFile = word, app.File{}
		}
	}
	if recipe != "" {
		c.Clean = append([]string{recipe}, c.Clean...)
	}
	return c, nil
}

func newDataAdd(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add NAME [SOURCE ...]",
		Short: "Collect from sources, clean, and store a new version of a dataset",
		Long: `Collect from sources, clean, and store a new version of a dataset. A source is a
folder, a file (zip, tar, CSV, JSON lines, Parquet, a list of addresses), an address
(https://, s3://), a query on a database, or the name of a well-known set; without one,
NAME is such a set. A table such as {use = "folder", path = "photos"} sets more.
An interrupted collection continues where it stopped when the same command is given again.`,
		Example: `  atelier data add faces photos/ more.zip
  atelier data add fashion
  atelier data add groove --mirror downloads/
  atelier data add notes letters/ --clean size.width=64 --clean blur=off
  atelier data add art https://example.org/gallery --require-licence "CC-BY-*,CC0-*"`,
		Args: takes(1, -1, "NAME and SOURCE"),
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	licence := cmd.Flags().String("licence", "", "licence of Items that do not state their own, such as CC-BY-4.0")
	mirror := cmd.Flags().String("mirror", "", "take the files of well-known sets from this folder instead of the network")
	asJSON := jsonFlag(cmd)
	private := cmd.Flags().Bool("allow-private", false, "also fetch from private and loopback addresses")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *mirror != "" {
			if err := home.SetMirror(*mirror); err != nil {
				return err
			}
		}
		add := app.New[*app.DataAdd]()
		add.Name, add.Licence, add.AllowPrivate = args[0], *licence, *private
		for _, place := range args[1:] {
			add.Sources = append(add.Sources, app.Set(place))
		}
		var err error
		if add.Cleaning, err = cleaning.cleaning(); err != nil {
			return err
		}
		var found *app.Added
		collect := func(l *library.Library) (*store.Version, error) {
			env := &app.Env{Library: l, Watcher: run.Watcher{Notice: l.Notice, Working: l.Progress}, Found: func(v any) { found = v.(*app.Added) }}
			if err := app.Run(cmd.Context(), add, env); err != nil {
				return nil, err
			}
			return found.Stored, nil
		}
		if !*asJSON {
			return c.making(cmd.Context(), collect)
		}
		if _, err := c.makes(collect); err != nil {
			return err
		}
		return c.json(found)
	}
	return cmd
}

func newDataClean(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "clean NAME",
		Short:             "Clean a version into a new one",
		Example:           "  atelier data clean faces --clean size.width=64\n  atelier data clean faces@1 --clean mine.toml",
		Args:              takes(1, 1, "NAME or NAME@VERSION"),
		ValidArgsFunction: c.completeDataset,
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.cleaned(cmd.Context(), &cleaning, func(l *library.Library, p *library.Pipeline) (*store.Version, error) {
			return l.Clean(cmd.Context(), args[0], p)
		})
	}
	return cmd
}

func newDataMerge(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "merge NAME FROM FROM ...",
		Short:             "Merge several datasets into a new version",
		Long:              "Merge several datasets into a new version. Of duplicates across all of them, one is\nkept.",
		Example:           "  atelier data merge all faces@2 portraits",
		Args:              takes(3, -1, "NAME and at least two datasets"),
		ValidArgsFunction: c.completeDataset,
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.cleaned(cmd.Context(), &cleaning, func(l *library.Library, p *library.Pipeline) (*store.Version, error) {
			return l.Merge(cmd.Context(), args[0], args[1:], p)
		})
	}
	return cmd
}

// cleaned is [cli.making] with the pipeline of the cleaning flags.
func (c *cli) cleaned(ctx context.Context, flags *cleaningFlags, do func(*library.Library, *library.Pipeline) (*store.Version, error)) error {
	cleaning, err := flags.cleaning()
	if err != nil {
		return err
	}
	p, err := cleaning.Pipeline()
	if err != nil {
		return err
	}
	return c.making(ctx, func(l *library.Library) (*store.Version, error) { return do(l, p) })
}
