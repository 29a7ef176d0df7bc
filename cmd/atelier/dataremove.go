package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
)

func newDataRemove(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove NAME@VERSION | NAME",
		Short: "Remove one version of a dataset, or all of it",
		Long: `Remove one version of a dataset, or all of it. A name alone is enough if there is only one
version; if there are several, --all removes them all. Damaged versions can be removed
as well.`,
		Example: "  atelier data remove faces@1\n  atelier data remove faces --all",
		Args:    takes(1, 1, "NAME or NAME@VERSION"), ValidArgsFunction: c.completeDataset,
	}
	all := cmd.Flags().Bool("all", false, "remove every version of the dataset")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withLibrary(func(l *library.Library) error {
			refs, err := l.Store.Refs(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			switch exact := strings.Contains(args[0], "@"); {
			case exact && *all:
				return badinput.Errorf("data remove: %s is one version, and --all is for every one of a dataset", args[0])
			case !exact && !*all && len(refs) > 1:
				sure, err := c.ask(fmt.Sprintf("Remove all %d versions of %s, %s?", len(refs), args[0], shortList(refs)),
					fmt.Sprintf("%s has %d versions, %s: name the one to remove, or remove them all with --all", args[0], len(refs), shortList(refs)))
				if err != nil || !sure {
					return err
				}
			}
			return c.remove(cmd, l.Store, refs)
		})
	}
	return cmd
}

// remove removes versions, the newest first.
func (c *cli) remove(cmd *cobra.Command, s *store.Store, refs []string) error {
	for i := len(refs) - 1; i >= 0; i-- {
		if err := s.Remove(cmd.Context(), refs[i]); err != nil {
			return err
		}
		c.say("removed %s", refs[i])
	}
	return nil
}
