package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/brought"
)

func newWeights(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "Store pretrained language models and picture networks",
		Long: `Store pretrained language models (GGUF files, Hugging Face folders and llama2.c .bin files)
and networks that paint, denoise or enlarge pictures (raw float32 with a manifest, .pth files of
PyTorch, models of TensorFlow.js). Each is kept under a name, with a card that tells where it comes from, its licence and the hash of every file. One comes with the program: ` + brought.BuiltIn + `.`,
		Example: "  atelier weights list\n  atelier weights add model.gguf",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return badinput.Errorf("no command %q of weights; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newWeightsAdd(c), newWeightsList(c), newWeightsShow(c), newWeightsVerify(c), newWeightsExport(c), newWeightsRemove(c))
	return cmd
}

// weightsStore is the store of weights in the home folder.
func weightsStore() (*brought.Store, error) {
	home, err := brought.Home()
	if err != nil {
		return nil, err
	}
	return brought.NewStore(home), nil
}

// completeWeights completes with the names of weights.
func (c *cli) completeWeights(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	store, err := weightsStore()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(store.Names(), brought.BuiltIn), cobra.ShellCompDirectiveDefault
}

func newWeightsList(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the stored weights", Example: "  atelier weights list\n  atelier weights list --all",
		Args: takes(0, 0, ""), ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	all := cmd.Flags().Bool("all", false, "also list well-known weights that can be downloaded by name")
	cmd.RunE = func(*cobra.Command, []string) error {
		store, err := weightsStore()
		if err != nil {
			return err
		}
		cards, damaged, err := store.List()
		if err != nil {
			return err
		}
		for _, d := range damaged {
			c.warn("left out "+d.Name, d.Err.Error())
		}
		builtIn, err := brought.BuiltInCard()
		if err != nil {
			return err
		}
		cards = append(cards, builtIn)
		slices.SortFunc(cards, func(a, b *brought.Card) int { return strings.Compare(a.Name, b.Name) })
		if *asJSON {
			return c.json(cards)
		}
		var rows [][]string
		for _, card := range cards {
			rows = append(rows, []string{card.Name, card.Architecture, parameters(card.Parameters), card.Type, humanize.IBytes(uint64(card.Bytes)), licenceOf(card.Licence), sourceOf(card)})
		}
		if *all {
			for _, k := range brought.AllKnown() {
				i := slices.IndexFunc(cards, func(card *brought.Card) bool { return card.Name == k.Name })
				switch {
				case i < 0:
					rows = append(rows, []string{k.Name, "-", "-", "-", "-", k.Licence, "not here yet: " + k.Home})
				case cards[i].Source != k.Home:
					rows = append(rows, []string{k.Name, "-", "-", "-", "-", k.Licence, "not here yet, and other weights have its name (add it with --name): " + k.Home})
				}
			}
		}
		if *all {
			rows = append(rows, networkRows(cards)...)
		}
		c.table([]string{"WEIGHTS", "ARCHITECTURE", "PARAMETERS", "TYPE", "SIZE", "LICENCE", "SOURCE"}, rows)
		return nil
	}
	return cmd
}

// parameters writes a number of parameters briefly.
func parameters(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1fB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0fM", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0fK", float64(n)/1e3)
}

func licenceOf(licence string) string {
	if licence == "" {
		return "unknown"
	}
	return licence
}

func sourceOf(card *brought.Card) string {
	if card.Name == brought.BuiltIn {
		return "built in"
	}
	return card.Source
}

func newWeightsShow(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show the card of weights, or what a file of weights holds",
		Example: "  atelier weights show stories260k\n  atelier weights show model.gguf",
		Args:    takes(1, 1, "NAME or FILE"), ValidArgsFunction: c.completeWeights,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		home, err := brought.Home()
		if err != nil {
			return err
		}
		if n, card, err := networkOf(home, args[0]); n != nil || err != nil {
			if err == nil && *asJSON {
				return c.json(card)
			}
			if err == nil {
				c.network(card, n)
			}
			return err
		}
		o, err := brought.Find(home, args[0])
		if err != nil {
			return err
		}
		defer o.Close()
		card, err := brought.CardOf(home, args[0], o)
		if err != nil {
			return err
		}
		if *asJSON {
			return c.json(card)
		}
		c.shape(card, o)
		return nil
	}
	return cmd
}

// shape prints a card and the shape of its model.
func (c *cli) shape(card *brought.Card, o *brought.Opened) {
	s := &o.Config
	c.say("%s\narchitecture %s: %d layers of width %d, %d heads (%d of keys and values) of width %d, feed-forward width %d",
		card.Name, card.Architecture, s.Layers, s.Width, s.Heads, s.KVHeads, s.HeadWidth, s.Hidden)
	c.say("parameters   %s, mostly %s", humanize.Comma(card.Parameters), card.Type)
	c.say("context      %d tokens of %d", s.Context, s.Vocabulary)
	c.say("licence      %s", licenceOf(card.Licence))
	c.say("source       %s", sourceOf(card))
	for _, f := range card.Contents {
		c.say("file         %s  %s  %s", f.SHA256, f.Path, humanize.IBytes(uint64(f.Size)))
	}
	if o.Template != "" {
		c.say("conversation has a chat template")
	}
}

func newWeightsVerify(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "verify NAME", Short: "Read all files of weights and check every hash", Example: "  atelier weights verify my-model",
		Args: takes(1, 1, "NAME"), ValidArgsFunction: c.completeWeights,
		RunE: func(_ *cobra.Command, args []string) error {
			store, err := weightsStore()
			if err != nil {
				return err
			}
			if args[0] == brought.BuiltIn {
				c.say("%s is part of the program, and intact if that is", args[0])
				return nil
			}
			card, err := store.Card(args[0])
			if err == nil {
				err = card.Verify()
			}
			if err != nil {
				return err
			}
			c.say("%s is intact: %s", card.Name, card.Hash())
			return nil
		},
	}
}

func newWeightsRemove(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rm NAME ...", Short: "Remove weights with all their files",
		Example: "  atelier weights rm my-model\n  atelier weights rm my-model other --yes",
		Args:    takes(1, -1, "NAME ..."), ValidArgsFunction: c.completeWeights,
	}
	yes := cmd.Flags().BoolP("yes", "y", false, "remove without asking")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		store, err := weightsStore()
		if err != nil {
			return err
		}
		for _, name := range args {
			if err := store.Has(name); err != nil {
				return err
			}
		}
		if !*yes {
			sure, err := c.ask(fmt.Sprintf("Remove %s for good?", strings.Join(args, ", ")), "to remove weights without being asked, add --yes")
			if err != nil || !sure {
				return err
			}
		}
		for _, name := range args {
			if err := store.Remove(cmd.Context(), name); err != nil {
				return err
			}
			c.say("removed %s", name)
		}
		return nil
	}
	return cmd
}
