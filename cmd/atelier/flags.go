package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/model/run"
)

// An inputFlag is the flag of an input of an app. The first value replaces the default; for
// lists, further values are appended.
type inputFlag struct {
	app.Input
	given bool
}

// Set implements [pflag.Value].
func (f *inputFlag) Set(text string) error {
	err := f.Input.Set(text, f.given)
	if err == nil {
		err = f.Given()
	}
	f.given = f.given || err == nil
	return err
}

// String implements [pflag.Value].
func (f *inputFlag) String() string {
	if !f.Value.IsValid() {
		return "" // pflag makes one to see what is nothing
	}
	return f.Words()
}

// addFlags adds a flag for every input of an app, and returns the inputs that are positional
// arguments. A one-letter input is also a shorthand.
func (c *cli) addFlags(cmd *cobra.Command, a app.App) (arguments []app.Input) {
	for _, in := range app.Inputs(a) {
		if in.Argument() != "" {
			arguments = append(arguments, in)
			continue
		}
		name, short := strings.ReplaceAll(in.Name, "_", "-"), ""
		if len(name) == 1 {
			short = name
		}
		flag := cmd.Flags().VarPF(&inputFlag{Input: in}, name, short, in.Help)
		if in.Type() == "bool" {
			flag.NoOptDefVal = "true"
		}
		cmd.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if in.IsClass() {
				return c.completeClass(a, args, begun), cobra.ShellCompDirectiveNoFileComp
			}
			return c.completeInput(in)
		})
	}
	return arguments
}

// completeClass completes a list of classes with those of the run that the app is to draw with:
// that of an argument, or of a flag.
func (c *cli) completeClass(a app.App, args []string, begun string) (found []string) {
	var name string
	arguments := 0
	for _, in := range app.Inputs(a) {
		switch {
		case in.Argument() != "" && in.IsModel() && arguments < len(args):
			name = args[arguments]
		case in.IsModel():
			name = in.Words()
			if in.Lead() != "" && len(args) > 0 && slices.Contains(in.Besides(), name) {
				name = args[0]
			}
		}
		if in.Argument() != "" {
			arguments++
		}
	}
	dir, err := run.OpenDir(c.runs, name)
	if err != nil {
		return nil
	}
	before := begun[:strings.LastIndexByte(begun, ',')+1]
	for _, class := range dir.Classes() {
		taken := slices.Contains(strings.Split(before, ","), class)
		if !taken && !strings.ContainsAny(class, ",\"") { // which would have to be quoted
			found = append(found, before+class)
		}
	}
	return found
}

// completeInput completes an input with what it can be.
func (c *cli) completeInput(in app.Input) ([]string, cobra.ShellCompDirective) {
	switch choices := in.Choices(); {
	case len(choices) > 0:
		return choices, cobra.ShellCompDirectiveNoFileComp
	case in.IsModel():
		return append(in.Besides(), c.runsThat(in.Needs())...), cobra.ShellCompDirectiveNoFileComp
	case in.File() != nil, in.Type() == "files", in.Type() == "set":
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// A flagged error names the flag of an input instead of the input.
type flagged struct {
	error
	text string
}

func (f *flagged) Error() string { return f.text }

// Unwrap returns the error of the input.
func (f *flagged) Unwrap() error { return f.error }

// namingFlags is an error of an app that names an input, as in top_p: want 0 to 1, with the name of
// its flag.
func namingFlags(a app.App, err error) error {
	if err == nil {
		return nil
	}
	names := slices.Clone(markFlags)
	for _, in := range app.Inputs(a) {
		if in.Argument() == "" {
			names = append(names, in.Name)
		}
	}
	for _, name := range names {
		if rest, ok := strings.CutPrefix(err.Error(), name+": "); ok {
			dashes := "--"
			if len(name) == 1 {
				dashes = "-"
			}
			return &flagged{err, dashes + strings.ReplaceAll(name, "_", "-") + ": " + rest}
		}
	}
	return err
}

// A numberFlag is a flag of a finite number.
type numberFlag float64

// newNumber adds the flag of a finite number.
func newNumber(cmd *cobra.Command, name string, usual float64, help string) *float64 {
	x := usual
	cmd.Flags().Var((*numberFlag)(&x), name, help)
	return &x
}

// Set implements [pflag.Value].
func (f *numberFlag) Set(text string) error {
	x, err := app.ParseNumber(text)
	if err == nil {
		*f = numberFlag(x)
	}
	return err
}

// String implements [pflag.Value].
func (f *numberFlag) String() string { return strconv.FormatFloat(float64(*f), 'g', -1, 64) }

// Type implements [pflag.Value].
func (f *numberFlag) Type() string { return "float64" }

var (
	_ pflag.Value = (*inputFlag)(nil)
	_ pflag.Value = (*numberFlag)(nil)
)

// exclusiveGroups is what [cobra.Command.MarkFlagsMutuallyExclusive] notes at flags.
const exclusiveGroups = "cobra_annotation_mutually_exclusive"

// checkExclusive refuses flags that exclude each other, as a mistake, which those of cobra are not.
func checkExclusive(cmd *cobra.Command) (err error) {
	given := map[string]string{} // the first flag by group
	cmd.Flags().Visit(func(f *pflag.Flag) {
		for _, group := range f.Annotations[exclusiveGroups] {
			if first, ok := given[group]; ok && err == nil {
				err = badinput.Errorf("want either --%s or --%s", first, f.Name)
			}
			given[group] = f.Name
		}
	})
	return err
}
