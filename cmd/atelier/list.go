package main

import (
	"cmp"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"atelier/data/cards"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/recipes"
)

// A plugin is a row of the list.
type plugin struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

func newList(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list [KIND]",
		Short:   "List recipes, well-known sets, what run files can choose from, and the apps",
		Example: "  atelier list\n  atelier list recipe\n  atelier list loss\n  atelier list \"feature space\" --json",
		Args:    takes(0, 1, "at most one KIND"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return kinds(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		found, err := plugins(args)
		if err != nil {
			return err
		}
		if *asJSON {
			return c.json(found)
		}
		rows := make([][]string, len(found))
		for i, p := range found {
			rows[i] = []string{p.Kind, p.Name, p.Doc}
		}
		c.table([]string{"KIND", "NAME", "WHAT IT IS"}, rows)
		return nil
	}
	return cmd
}

// A listing is what is chosen by name: a registry, or a catalog.
type listing interface {
	Kind() string
	Docs() iter.Seq2[string, string]
}

// A catalog lists what is chosen by name and is not in a registry.
type catalog struct {
	kind string
	docs iter.Seq2[string, string]
}

func (c catalog) Kind() string                    { return c.kind }
func (c catalog) Docs() iter.Seq2[string, string] { return c.docs }

func recipeDocs(yield func(name, doc string) bool) {
	for _, name := range recipes.Names() {
		doc, err := recipes.Doc(name)
		if err != nil || !yield(name, doc) {
			return
		}
	}
}

func setDocs(yield func(name, doc string) bool) {
	for _, c := range cards.All() {
		if !yield(c.Name, c.Description) {
			return
		}
	}
}

// everything is all that can be listed, sorted by kind.
func everything() []listing {
	all := []listing{catalog{"recipe", recipeDocs}, catalog{"set", setDocs}}
	for _, r := range registry.All() {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b listing) int { return cmp.Compare(a.Kind(), b.Kind()) })
	return all
}

// plugins returns all that can be listed, or what is of the kind that is given.
func plugins(kind []string) ([]plugin, error) {
	found := []plugin{}
	known := false
	for _, r := range everything() {
		if len(kind) > 0 && kind[0] != r.Kind() {
			continue
		}
		known = true
		for name, doc := range r.Docs() {
			found = append(found, plugin{r.Kind(), name, doc})
		}
	}
	if !known && len(kind) > 0 {
		return nil, badinput.Errorf("no kind %q; %s", kind[0], registry.Suggest(kind[0], kinds()))
	}
	return found, nil
}

func kinds() []string {
	var names []string
	for _, r := range everything() {
		names = append(names, r.Kind())
	}
	return names
}
