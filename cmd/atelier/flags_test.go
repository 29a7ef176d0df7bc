package main

import (
	"context"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"atelier/app"
)

type inputs struct {
	From  app.Model     `toml:"run" arg:"RUN" help:"which"`
	N     int           `help:"how many"`
	Seed  uint64        `help:"of the first"`
	Loud  bool          `help:"whether"`
	Scale float64       `help:"how large"`
	Wait  time.Duration `help:"how long"`
	InRow []string      `help:"what else"`
	Seeds []uint64      `help:"of which"`
}

// Example implements [app.App].
func (inputs) Example() string { return "" }

// Run implements [app.App].
func (inputs) Run(context.Context, *app.Env) error { return nil }

func TestAddFlags(t *testing.T) {
	got := &inputs{N: 4, Seed: 1, Seeds: []uint64{5, 6}}
	cmd := &cobra.Command{}
	arguments := (&cli{}).addFlags(cmd, got)
	fs := cmd.Flags()
	if err := fs.Parse([]string{"-n", "9", "--loud", "--scale=0.5", "--wait", "2m", "--in-row", "a,b", "--seeds", "1, 7", "--seeds=18446744073709551615"}); err != nil {
		t.Fatal(err)
	}
	want := &inputs{N: 9, Seed: 1, Loud: true, Scale: 0.5, Wait: 2 * time.Minute, InRow: []string{"a", "b"}, Seeds: []uint64{1, 7, 1<<64 - 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if f := fs.Lookup("seeds"); f.DefValue != "5,6" || fs.Parse([]string{"--seeds", "1,x"}) == nil {
		t.Errorf("%+v", f)
	}
	if len(arguments) != 1 || arguments[0].Argument() != "RUN" {
		t.Errorf("%v", arguments)
	}
	if f := fs.Lookup("seed"); f.Usage != "of the first" || f.DefValue != "1" {
		t.Errorf("%+v", f)
	}
}

// Every command has a description and an example whose flags it knows and
// whose arguments it takes.
func TestExamples(t *testing.T) {
	checkExamples(t, newRoot(&console{out: io.Discard, err: io.Discard}))
}

// checkExamples checks the commands below one.
func checkExamples(t *testing.T, of *cobra.Command) {
	for _, cmd := range of.Commands() {
		if cmd.Name() == "completion" {
			continue // it is the library's
		}
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s has no description or no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			checkExample(t, cmd.Name(), strings.TrimSpace(line))
		}
		checkExamples(t, cmd)
	}
}

// checkExample checks a line that calls the command of that name, or one below it.
func checkExample(t *testing.T, name, line string) {
	words := shellWords(line)
	cmd, rest, err := newRoot(newConsole(os.Stdout, os.Stderr)).Find(words[1:])
	if err != nil || !slices.Contains(strings.Fields(cmd.CommandPath()), name) {
		t.Errorf("%q is no example of %s: %v", line, name, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%q: %v", line, err)
		return
	}
	if err := validate(cmd); err != nil {
		t.Errorf("%q: %v", line, err)
	}
}

// shellWord is a word of a command line, with quotes.
var shellWord = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)

// redirection is where a command's own words end.
var redirection = regexp.MustCompile(`\s(<|>|2>|\|)\s`)

// shellPart is a part of a word, in quotes or not.
var shellPart = regexp.MustCompile(`'([^']*)'|"([^"]*)"|([^'"]+)`)

// shellWords splits a command line as a shell does, up to a redirection or a pipe.
func shellWords(line string) []string {
	line = redirection.Split(line, 2)[0]
	words := shellWord.FindAllString(line, -1)
	for i, w := range words {
		words[i] = shellPart.ReplaceAllString(w, "$1$2$3")
	}
	return words
}

func validate(cmd *cobra.Command) error { return cmd.ValidateArgs(cmd.Flags().Args()) }
