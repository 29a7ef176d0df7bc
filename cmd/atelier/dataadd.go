package main

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"atelier/data"
	"atelier/data/cards"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/home"
	"atelier/internal/registry"
)

// cleaningFlags are how a person says what is to be done to Items.
type cleaningFlags struct {
	clean          []string
	requireLicence string
}

func (f *cleaningFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.clean, "clean", nil, "a cleaning recipe ("+strings.Join(library.PipelineNames(), ", ")+" or a file), or a setting such as size.width=64, blur=off or test_share=0.2; may be repeated")
	cmd.Flags().StringVar(&f.requireLicence, "require-licence", "", `keep only Items of these licences, such as "CC-BY-*,CC0-*,MIT"`)
}

// pipeline reads what the flags say.
func (f *cleaningFlags) pipeline() (*library.Pipeline, error) {
	name := library.DefaultPipeline
	var settings []string
	for _, c := range f.clean {
		if strings.Contains(c, "=") {
			settings = append(settings, c)
		} else {
			name = c
		}
	}
	if f.requireLicence != "" {
		quoted := `"` + strings.Join(strings.FieldsFunc(f.requireLicence, func(r rune) bool { return r == ',' || r == ' ' }), `", "`) + `"`
		settings = append(settings, "licence.allow=["+quoted+"]")
	}
	label, read := name+".toml", library.ReadPipeline
	if isFile(name) {
		label, read = name, readFile
	}
	text, err := read(name)
	if err != nil {
		return nil, err
	}
	return library.ParsePipeline(label, text, settings...)
}

func newDataAdd(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add NAME [SOURCE ...]",
		Short: "Collect from sources, clean, and store a new version of a dataset",
		Long: `Collect from sources, clean, and store a new version of a dataset. A source is a
folder, a file (zip, tar, CSV, JSON lines, Parquet, a list of addresses), an address
(https://, s3://), a query on a database, or the name of a well-known set; without one,
NAME is such a set. A table such as {use = "folder", path = "photos"} sets more.
What was interrupted goes on where it was when the same command is given again.`,
		Example: `  atelier data add faces photos/ more.zip
  atelier data add fashion
  atelier data add groove --mirror downloads/
  atelier data add notes letters/ --clean size.width=64 --clean blur=off
  atelier data add art https://example.org/gallery --require-licence "CC-BY-*,CC0-*"`,
		Args: takes(1, -1, "NAME and SOURCE"),
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	licence := cmd.Flags().String("licence", "", "the licence of Items that do not tell their own, such as CC-BY-4.0")
	mirror := cmd.Flags().String("mirror", "", "take the files of well-known sets from this folder instead of the network")
	private := cmd.Flags().Bool("allow-private", false, "also fetch from private and loopback addresses")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *mirror != "" {
			if err := home.SetMirror(*mirror); err != nil {
				return err
			}
		}
		places := args[1:]
		if len(places) == 0 {
			places = args[:1]
		}
		sources, err := resolve(places, *private)
		if err != nil {
			return err
		}
		return c.making(cmd.Context(), &cleaning, func(l *library.Library, p *library.Pipeline) (*store.Version, error) {
			if err := c.introduce(sources); err != nil {
				return nil, err
			}
			return l.Add(cmd.Context(), args[0], sources, p, *licence)
		})
	}
	return cmd
}

// resolve finds the sources that read the places, and lets them go to private
// addresses where that was asked for.
func resolve(places []string, private bool) ([]registry.Choice[data.Source], error) {
	var sources []registry.Choice[data.Source]
	for _, p := range places {
		s, err := data.Resolve(p)
		if err != nil {
			return nil, err
		}
		for _, f := range registry.Fields(reflect.ValueOf(s.Value)) {
			if f.Name == "allow_private" && private {
				f.Value.SetBool(true)
			}
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// introduce tells of the licence and the credit of well-known sets before they are
// used.
func (c *cli) introduce(sources []registry.Choice[data.Source]) error {
	for _, s := range sources {
		set, ok := s.Value.(*cards.Set)
		if !ok {
			continue
		}
		card, err := set.Card()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.err, "%s: %s\nlicence: %s %s\nattribution: %s\n", card.Name, card.Title, cmp.Or(card.Licence, "not clear;"), card.Rights, cmp.Or(card.Attribution, "none is asked for"))
	}
	return nil
}

func newDataClean(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "clean NAME",
		Short:             "Make a new version by cleaning what a version has",
		Example:           "  atelier data clean faces --clean size.width=64\n  atelier data clean faces@1 --clean mine.toml",
		Args:              takes(1, 1, "NAME or NAME@VERSION"),
		ValidArgsFunction: c.completeDataset,
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.making(cmd.Context(), &cleaning, func(l *library.Library, p *library.Pipeline) (*store.Version, error) {
			return l.Clean(cmd.Context(), args[0], p)
		})
	}
	return cmd
}

func newDataMerge(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "merge NAME FROM FROM ...",
		Short:             "Make a version of what several datasets have",
		Long:              "Make a version of what several datasets have. Of Items that are alike, across all of\nthem, one is kept.",
		Example:           "  atelier data merge all faces@2 portraits",
		Args:              takes(3, -1, "NAME and at least two datasets"),
		ValidArgsFunction: c.completeDataset,
	}
	var cleaning cleaningFlags
	cleaning.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.making(cmd.Context(), &cleaning, func(l *library.Library, p *library.Pipeline) (*store.Version, error) {
			return l.Merge(cmd.Context(), args[0], args[1:], p)
		})
	}
	return cmd
}
