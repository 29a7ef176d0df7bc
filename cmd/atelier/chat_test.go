package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	quotedCommand = regexp.MustCompile("`atelier ([^`]+)`")
	flagOf        = regexp.MustCompile(`(?:^|\s)(--[a-z][a-z-]*|-[a-z])\b`)
	quotedFlag    = regexp.MustCompile("`(--[a-z][a-z-]*)[^`]*`")
)

// Every command and flag that the answers of chat name is one of the program.
func TestChatNamesWhatThereIs(t *testing.T) {
	root := newRoot(&console{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	known := map[string]bool{"--help": true, "--all": true}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for line := range strings.Lines(c.Flags().FlagUsages() + c.PersistentFlags().FlagUsages()) {
			for _, m := range flagOf.FindAllStringSubmatch(strings.ReplaceAll(line, ",", " "), -1) {
				known[m[1]] = true
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
	for _, name := range []string{"en.jsonl", "zh.jsonl"} {
		text, err := os.ReadFile("../../model/retrieve/about/" + name)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.ReplaceAll(string(text), `\"`, `"`)
		commands := quotedCommand.FindAllStringSubmatch(all, -1)
		if len(commands) < 80 {
			t.Errorf("%s: %d commands are found", name, len(commands))
		}
		for _, m := range commands {
			words := strings.Fields(m[1])
			c, _, err := root.Find(words)
			if err != nil || c == root && words[0] != "COMMAND" && words[0] != "命令" && words[0] != "help" && words[0] != "completion" {
				t.Errorf("%s: there is no command atelier %s", name, m[1])
				continue
			}
			bare := regexp.MustCompile(`'[^']*'|"[^"]*"`).ReplaceAllString(m[1], "x")
			for _, f := range flagOf.FindAllStringSubmatch(bare, -1) {
				long := strings.TrimLeft(f[1], "-")
				has := c.Flags().Lookup(long) != nil || c.InheritedFlags().Lookup(long) != nil || long == "help" || long == "all"
				if len(long) == 1 {
					has = c.Flags().ShorthandLookup(long) != nil
				}
				if !has {
					t.Errorf("%s: atelier %s has no %s: %s", name, c.Name(), f[1], m[1])
				}
			}
		}
		for _, m := range quotedFlag.FindAllStringSubmatch(all, -1) {
			if !known[m[1]] {
				t.Errorf("%s: no flag %s", name, m[1])
			}
		}
	}
}

// What a person at the terminal gets wrong is said in the terms of the chat.
func TestChatCommands(t *testing.T) {
	if got := commandHelp("/bogus"); !strings.HasPrefix(got, "there is no command /bogus\n/new ") {
		t.Errorf("%q", got)
	}
	if got := commandHelp("/help"); got != chatHelp {
		t.Errorf("%q", got)
	}
	name := filepath.Join(t.TempDir(), "talk.txt")
	if err := os.WriteFile(name, []byte("kept"), 0o666); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &asker{console: &console{out: &out, err: &out}}
	a.save(t.Context(), name)
	if got, err := os.ReadFile(name); err != nil || string(got) != "kept" || strings.Contains(out.String(), "--force") || !strings.Contains(out.String(), "exists already: name a new file") {
		t.Errorf("%q, %q, %v", got, out.String(), err)
	}
}
