package main

import (
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// newHelp makes the command help.
func newHelp(c *cli, root *cobra.Command) *cobra.Command {
	help := &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command, or all of it",
		Example: "  atelier help train\n  atelier help data add\n  atelier help --all",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commands(found), cobra.ShellCompDirectiveNoFileComp
		},
	}
	all := help.Flags().Bool("all", false, "show the help of every command and every plug-in, with its settings")
	help.RunE = func(_ *cobra.Command, args []string) error {
		if *all {
			return c.helpAll(root)
		}
		found := root
		for _, name := range args {
			i := slices.IndexFunc(found.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
			if i < 0 {
				return badinput.Errorf("no command %q; %s", strings.Join(args, " "), registry.Suggest(name, commands(found)))
			}
			found = found.Commands()[i]
		}
		return found.Help()
	}
	return help
}

// helpAll prints the help of a command and of all its subcommands, and then all plug-ins.
func (c *cli) helpAll(root *cobra.Command) error {
	for cmd := range available(root) {
		if cmd.Runnable() {
			c.say("# %s\n", cmd.CommandPath())
			if err := cmd.Help(); err != nil {
				return err
			}
			c.say("")
		}
	}
	for _, r := range everything() {
		c.say("# %s\n", r.Kind())
		for name, doc := range r.Docs() {
			c.say("%s: %s", name, doc)
			settings, err := settingsOf(r.Kind(), name)
			if err != nil {
				continue // recipes and sets have none
			}
			for _, s := range settings {
				c.say("  %s = %s: %s", s.Key, s.Default, s.Doc)
			}
		}
		c.say("")
	}
	return nil
}

// available yields a command and its visible subcommands, parents first.
func available(root *cobra.Command) iter.Seq[*cobra.Command] {
	return func(yield func(*cobra.Command) bool) {
		var visit func(*cobra.Command) bool
		visit = func(cmd *cobra.Command) bool {
			if !yield(cmd) {
				return false
			}
			for _, sub := range cmd.Commands() {
				if sub.IsAvailableCommand() && !visit(sub) {
					return false
				}
			}
			return true
		}
		visit(root)
	}
}
