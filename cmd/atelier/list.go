package main

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"atelier/app"
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
		Use:     "list [KIND [NAME]]",
		Short:   "List recipes, well-known sets, everything a run file can choose from and its settings, and the apps",
		Example: "  atelier list\n  atelier list recipe\n  atelier list model gan\n  atelier list \"feature space\" --json\n  atelier list app --schema",
		Args:    takes(0, 2, "at most KIND and NAME"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return namesOf(args[0]), cobra.ShellCompDirectiveNoFileComp
			}
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kinds(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	asJSON := jsonFlag(cmd)
	schema := cmd.Flags().Bool("schema", false, "for apps: print the JSON schemas of the inputs of all apps, or of one")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if *schema {
			return c.schemas(args)
		}
		if len(args) == 2 {
			return c.listSettings(args[0], args[1], *asJSON)
		}
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

// schemas prints the JSON schema of an app, or those of all in an array.
func (c *cli) schemas(args []string) error {
	switch {
	case len(args) == 0 || args[0] != app.Apps.Kind():
		return badinput.Errorf("list: --schema is for apps: atelier list app --schema, or atelier list app NAME --schema")
	case len(args) == 2:
		s, err := app.Schema(args[1])
		if err != nil {
			return badinput.Mark(err)
		}
		return c.json(s)
	}
	all := []any{}
	for _, name := range app.Apps.Names() {
		s, err := app.Schema(name)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	return c.json(all)
}

// A setting is a row of the list of settings of a plug-in.
type setting struct {
	Key     string `json:"key"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

// listSettings prints the settings of one plug-in.
func (c *cli) listSettings(kind, name string, asJSON bool) error {
	found, err := settingsOf(kind, name)
	if err != nil {
		return err
	}
	if asJSON {
		return c.json(found)
	}
	if len(found) == 0 {
		c.say("%s %s has no settings", kind, name)
		return nil
	}
	rows := make([][]string, len(found))
	for i, s := range found {
		rows[i] = []string{s.Key, s.Default, s.Doc}
	}
	c.table([]string{"SETTING", "DEFAULT", "WHAT IT IS"}, rows)
	return nil
}

// settingsOf returns the settings of a plug-in, in their order.
func settingsOf(kind, name string) ([]setting, error) {
	for _, r := range registry.All() {
		if r.Kind() != kind {
			continue
		}
		settings, err := registry.Defaults(r, name)
		if err != nil {
			return nil, badinput.Mark(err)
		}
		found := []setting{}
		for _, f := range settings {
			text := f.Text()
			if file, ok := f.Value.Interface().(app.File); ok {
				text = strconv.Quote(file.Name)
			}
			found = append(found, setting{f.Name, text, f.Help})
		}
		return found, nil
	}
	known, err := plugins([]string{kind})
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(known, func(p plugin) bool { return p.Name == name }) {
		return nil, badinput.Errorf("no %s %q; %s", kind, name, registry.Suggest(name, namesOf(kind)))
	}
	return nil, badinput.Errorf("the %s %s has no settings to list; atelier list %s says what it is", kind, name, kind)
}

// A listing is a registry or a catalog of named things.
type listing interface {
	Kind() string
	Docs() iter.Seq2[string, string]
}

// A catalog lists named things that are not in a registry.
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

// plugins returns everything that can be listed, or only one kind.
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

// namesOf returns the names of a kind.
func namesOf(kind string) (names []string) {
	found, _ := plugins([]string{kind})
	for _, p := range found {
		names = append(names, p.Name)
	}
	return names
}

func kinds() []string {
	var names []string
	for _, r := range everything() {
		names = append(names, r.Kind())
	}
	return names
}
