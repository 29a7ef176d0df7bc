package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/internal/stopped"
	"atelier/model/run"
	"atelier/model/train"
)

// withCommands are the apps with hand-written commands, which take several arguments or
// print tables.
var withCommands = []string{"train", "evaluate", "compare", "data add"}

// newApps makes a command for every other app.
func newApps(c *cli) []*cobra.Command {
	var all []*cobra.Command
	for e := range app.Apps.All() {
		if slices.Contains(withCommands, e.Name) {
			continue
		}
		all = append(all, newApp(c, e))
	}
	return all
}

func newApp(c *cli, e registry.Entry[app.App]) *cobra.Command {
	a := e.New()
	cmd := &cobra.Command{
		Short:   strings.ToUpper(e.Doc[:1]) + e.Doc[1:],
		Example: "  atelier " + e.Name + " " + a.Example(),
	}
	c.computes(cmd)
	arguments := c.addFlags(cmd, a)
	words, most := []string{e.Name}, len(arguments)
	lead := leading(a)
	if lead != nil {
		words, most = append(words, "["+lead.Lead()+"]"), most+1
	}
	for _, in := range arguments {
		words = append(words, in.Argument())
		if in.Type() == "files" { // the last: as many as there are
			words, most = append(words, "..."), -1
		}
	}
	cmd.ValidArgsFunction = c.completeArguments(arguments, most < 0)
	cmd.Use = strings.Join(words, " ")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		least := len(arguments)
		for _, in := range arguments {
			if in.IsReplaced(a) { // by a flag: flags are parsed before
				least--
			}
		}
		return takes(least, most, strings.Join(words[1:], " "))(cmd, args)
	}
	out := cmd.Flags().StringP("out", "o", "", "write to this new file, or single files to this folder; - is the standard output")
	force, marked := forceFlag(cmd), addMarks(cmd)
	asJSON := new(bool)
	if _, ok := a.(app.Finder); ok {
		asJSON = jsonFlag(cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		inputs := arguments
		if lead != nil && len(args) > len(arguments) {
			inputs = append([]app.Input{*lead}, arguments...)
		}
		if lead != nil && len(args) > len(arguments) && cmd.Flags().Changed(lead.Name) {
			return badinput.Errorf("%s is given twice: as an argument, and by --%s", lead.Lead(), lead.Name)
		}
		if err := c.setArguments(a, inputs, args); err != nil {
			return err
		}
		if err := filesInOne(cmd, *out); err != nil {
			return err
		}
		return namingFlags(a, c.runApp(cmd.Context(), a, marked, *out, newGuard(*force, c.readBy(a)...), *asJSON))
	}
	return cmd
}

// filesInOne refuses --as files with the name of a single file for several works: it is the default,
// and the app makes a sheet of them there.
func filesInOne(cmd *cobra.Command, out string) error {
	as, n := cmd.Flags().Lookup("as"), cmd.Flags().Lookup("n")
	if out == "" || out == app.Stdin || isFolder(out) || as == nil || n == nil || !as.Changed || as.Value.String() != "files" || n.Value.String() == "1" {
		return nil
	}
	return badinput.Errorf("--as: files go to a folder, such as -o %s/; %s is a single file", strings.TrimSuffix(out, filepath.Ext(out)), out)
}

// setArguments gives an app its arguments. Its last input can take several.
func (c *cli) setArguments(a app.App, inputs []app.Input, args []string) error {
	for i, in := range inputs {
		if in.Type() == "files" {
			for _, name := range args[i:] {
				if !c.takeRun(a, in, name) {
					in.Append(name)
				}
			}
			break
		}
		if i >= len(args) || c.takeRun(a, in, args[i]) { // without an argument, a flag stands for it
			continue
		}
		if err := in.Set(args[i], false); err != nil {
			return badinput.Errorf("%s: want %s, got %q", cmp.Or(in.Argument(), in.Lead()), app.Want(in.Type()), args[i])
		}
	}
	return nil
}

// takeRun takes a word as the run that an app can have instead of files, if it names one and no file.
func (c *cli) takeRun(a app.App, in app.Input, word string) bool {
	instead := in.Instead(a)
	if instead == nil || instead.Words() != "" {
		return false
	}
	if _, err := os.Stat(word); err == nil {
		return false
	}
	if _, err := run.OpenDir(c.runs, word); err != nil {
		return false
	}
	return instead.Set(word, false) == nil
}

// leading is the input of an app that can be an argument before the others, nil if there
// is none.
func leading(a app.App) *app.Input {
	for _, in := range app.Inputs(a) {
		if in.Lead() != "" {
			return &in
		}
	}
	return nil
}

// runApp runs an app and writes what it makes, or prints what it found as JSON.
func (c *cli) runApp(ctx context.Context, a app.App, marked *marks, out string, guard *durable.Guard, asJSON bool) error {
	if b, err := batchOf(a, marked, out, guard); err != nil || b != nil {
		switch {
		case err != nil:
			return err
		case asJSON:
			return badinput.Errorf("json: want a single file; %s holds more than one", b.place)
		}
		return c.runBatch(ctx, b)
	}
	if err := c.readFiles(a); err != nil {
		return err
	}
	if out == app.Stdin {
		out = stdout
	}
	arranged := app.Out{Apart: isFolder(out), Unasked: out == ""}
	if !arranged.Apart {
		arranged.File = out
	}
	if err := app.Check(a, arranged); err != nil {
		return err
	}
	marking, err := marked.marking()
	if err != nil {
		return err
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
	var found any
	env := &app.Env{
		Studio: studio, Remote: remoteSettings(), Fetch: fetchPage, PDF: readPDF, Watcher: m.watcher(), Marking: marking, Out: arranged, Expect: to.expect, Emit: m.before(to), Beside: to.beside,
		Say: func(line string) { m.done(); con.say("%s", line) },
	}
	if asJSON {
		env.Say, env.Found = nil, func(v any) { found = v }
	}
	read := false // a text on the console, which needs no file and no progress
	if out == "" {
		c.reading(m, env, &read)
	}
	defer c.listen(m, env, out).close()
	err = keptOf(ctx, app.Run(ctx, a, env), a, to, read)
	done()
	return con.conclude(to, read, found, err)
}

// readFiles reads the files of an app, and warns of those that are skipped.
func (c *cli) readFiles(a app.App) error {
	n := 0
	err := app.ReadFiles(a, os.Stdin, func(name string, why error) {
		n++
		c.warn("skipped "+name, reasonOf(name, why))
	})
	if err == nil && n > 1 {
		c.warn("skipped", fmt.Sprintf("%s that cannot be read", app.Counted(n, "file")))
	}
	return err
}

// conclude tells what came of an app, unless it has told already, and returns its error.
func (c *console) conclude(to *output, read bool, found any, err error) error {
	switch {
	case read:
		c.say("")
	case found != nil:
		return errors.Join(err, c.json(found))
	case err == nil && to.expected == 0 && len(to.written) == 0: // it told all there is
	case err == nil && to.file != nil && to.file.IsStdout(): // it is there to be seen
	case err == nil || len(to.written) > 0: // some of it, then
		c.say("%s", to)
	}
	return err
}

// keptOf is the error of an app with what stays of its work, if it was stopped.
func keptOf(ctx context.Context, err error, a app.App, to *output, read bool) error {
	switch {
	case len(to.written) > 0:
		return stopped.Explained(ctx, err, "stopped; the files written are complete and kept%s", restOf(a, to))
	case read:
		return stopped.Explained(ctx, err, "stopped")
	}
	return err
}

// restOf says how to make the files that are left of an output, where the app can tell.
func restOf(a app.App, to *output) string {
	g, ok := a.(*app.Generate)
	if !ok || len(to.written) >= to.expected {
		return ""
	}
	rest, ok := g.Rest(len(to.written), to.expected)
	if !ok {
		return ""
	}
	return fmt.Sprintf("; for the other %d repeat the command with --seed %d -n %d", rest.N, rest.Seed, rest.N)
}

// reading prints a text as it comes, instead of progress and a file.
func (c *cli) reading(m *meter, env *app.Env, read *bool) {
	progress, working, emit := env.Progress, env.Working, env.Emit
	env.Beside = nil
	env.Text = func(piece string) {
		if !*read {
			m.done()
		}
		*read = true
		if c.aligned { // a terminal obeys what a file may hold
			piece = visible(piece)
		}
		fmt.Fprint(c.out, piece)
	}
	env.Progress = func(e train.Event) {
		if !*read {
			progress(e)
		}
	}
	env.Working = func(work string, done, total int) {
		if !*read {
			working(work, done, total)
		}
	}
	if notice := env.Notice; notice != nil {
		env.Notice = func(line string) {
			if *read {
				fmt.Fprintln(c.out) // the text may end anywhere
			}
			notice(line)
		}
	}
	env.Emit = func(it data.Item) error {
		if *read {
			return nil
		}
		return emit(it)
	}
}
