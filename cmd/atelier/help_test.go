package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// longestHelp is how long a line of help may be, in characters: two sentences and a source.
const longestHelp = 330

// banned are turns of phrase that a practitioner stumbles over, as docs/style.md has them.
var banned = regexp.MustCompile(`(?i)\b(there twice|may as well|rises from nothing|what tells|what there is to tell|takes out what|the game that|can be told by|as it were|the mean of what there is|what moves|that moves|less various|gone on with|go(es|ing)? on (with|from)|whichever suits|is told by|may be told|told apart by|a row each|a column each|large enough to be seen|handed in|made anew|what was found for)\b`)

// Every command, flag, plug-in and setting has a line of help that reads as docs/style.md asks.
func TestEverythingHasHelp(t *testing.T) {
	check := func(of, line string) {
		t.Helper()
		switch {
		case strings.TrimSpace(line) == "":
			t.Errorf("%s has no help", of)
		case len([]rune(line)) > longestHelp:
			t.Errorf("the help of %s has %d characters: %s", of, len([]rune(line)), line)
		case strings.HasSuffix(line, ".") && !strings.HasSuffix(line, "..."):
			t.Errorf("the help of %s ends with a full stop: %s", of, line)
		case banned.MatchString(line):
			t.Errorf("the help of %s reads as if translated: %s", of, line)
		}
	}
	root := newRoot(newConsole(os.Stdout, os.Stderr))
	for cmd := range available(root) {
		if strings.HasPrefix(cmd.CommandPath(), "atelier completion") {
			continue // of the library that makes the commands
		}
		check(cmd.CommandPath(), cmd.Short)
		if cmd.Runnable() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) { check(cmd.CommandPath()+" --"+f.Name, f.Usage) })
	}
	for _, r := range everything() {
		for name, doc := range r.Docs() {
			check(r.Kind()+" "+name, doc)
			settings, err := settingsOf(r.Kind(), name)
			if err != nil {
				continue
			}
			for _, s := range settings {
				check(r.Kind()+" "+name+"."+s.Key, s.Doc)
			}
		}
	}
}
