package main

import (
	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/registry"
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
		Short:   "List what run files can choose from, and the apps",
		Example: "  atelier list\n  atelier list loss\n  atelier list \"feature space\" --json",
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

// plugins returns every plug-in, or those of the kind that is given.
func plugins(kind []string) ([]plugin, error) {
	found := []plugin{}
	known := false
	for _, r := range registry.All() {
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
	for _, r := range registry.All() {
		names = append(names, r.Kind())
	}
	return names
}
