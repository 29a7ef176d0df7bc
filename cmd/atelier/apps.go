package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
)

// newApps makes a command of every app.
func newApps(c *cli) []*cobra.Command {
	var all []*cobra.Command
	for e := range app.Apps.All() {
		all = append(all, newApp(c, e))
	}
	return all
}

func newApp(c *cli, e registry.Entry[app.App]) *cobra.Command {
	a := e.New()
	cmd := &cobra.Command{
		Short:             strings.ToUpper(e.Doc[:1]) + e.Doc[1:],
		Example:           "  atelier " + e.Name + " " + a.Example(),
		ValidArgsFunction: c.completeRun,
	}
	c.computes(cmd)
	arguments := addFlags(cmd.Flags(), a)
	words := []string{e.Name}
	for _, f := range arguments {
		words = append(words, f.Tag.Get("arg"))
	}
	if len(arguments) > 1 { // those after the run are files
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 && len(args) < len(arguments) {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return c.completeRun(cmd, args, begun)
		}
	}
	cmd.Use = strings.Join(words, " ")
	cmd.Args = takes(len(arguments), len(arguments), strings.Join(words[1:], " "))
	out := cmd.Flags().StringP("out", "o", "", "write to this new file, or single files to this folder")
	force := forceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for i, f := range arguments {
			f.Value.SetString(args[i])
		}
		inputs := append(c.runFolders(args[0]), args[1:]...) // the run, and files
		return c.runApp(cmd.Context(), a, *out, newGuard(*force, inputs...))
	}
	return cmd
}

// runApp runs an app and writes what it makes.
func (c *cli) runApp(ctx context.Context, a app.App, out string, guard *durable.Guard) error {
	if g, ok := a.(app.Gatherer); ok && !isFolder(out) {
		g.Gather(out)
	}
	if checker, ok := a.(registry.Checker); ok {
		if err := checker.Check(); err != nil {
			return badinput.Mark(err)
		}
	}
	to, err := newOutput(ctx, out, guard)
	if err != nil {
		return err
	}
	con := c.beside(to.file)
	m := newMeter(con)
	studio, done, err := c.studio(m)
	if err != nil {
		return err
	}
	env := &app.Env{
		Studio: studio, Expect: to.expect, Emit: to.write,
		Say: func(line string) { m.done(); con.say("%s", line) }, Progress: func(n, total int) { m.show(n, total, nil) },
	}
	read := false // a text on the console, which needs no file and no progress
	if out == "" {
		c.reading(env, &read)
	}
	err = a.Run(ctx, env)
	if len(to.written) > 0 {
		err = stopped.Explained(ctx, err, "stopped; what was written is whole and stays")
	}
	done()
	switch {
	case read:
		con.say("")
	case err == nil || len(to.written) > 0: // some of it, then
		con.say("%s", to)
	}
	return err
}

// reading prints a text as it comes, instead of progress and a file.
func (c *cli) reading(env *app.Env, read *bool) {
	progress, emit := env.Progress, env.Emit
	env.Text = func(piece string) {
		*read = true
		fmt.Fprint(c.out, piece)
	}
	env.Progress = func(n, total int) {
		if !*read {
			progress(n, total)
		}
	}
	env.Emit = func(it data.Item) error {
		if *read {
			return nil
		}
		return emit(it)
	}
}
