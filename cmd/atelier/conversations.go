package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/conversation"
	"atelier/internal/registry"
	"atelier/server"
)

func newConversations(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "conversations", Short: "List, export and delete the conversations that chat keeps",
		Long: `List the conversations that atelier chat --conversation NAME keeps on this machine, the
latest last. The same command goes on with one.`,
		Example: "  atelier conversations\n  atelier conversations export holidays -o holidays.md\n  atelier conversations delete holidays",
		Args:    cobra.ArbitraryArgs, ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return badinput.Errorf("no command %q of conversations; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		}
		return c.listConversations(*asJSON)
	}
	cmd.AddCommand(newConversationsExport(c), newConversationsDelete(c))
	return cmd
}

// conversations is the folder of the conversations on this machine.
func conversations() (conversation.Folder, error) { return conversation.In(weightsHome()) }

// A listed conversation is a line of the list.
type listed struct {
	Name     string    `json:"name"`
	Messages int       `json:"messages"`
	Changed  time.Time `json:"changed"`
	First    string    `json:"first"` // message
	File     string    `json:"file"`
}

// longestFirst is how many characters of a first message a table shows.
const longestFirst = 60

func (c *cli) listConversations(asJSON bool) error {
	in, err := conversations()
	if err != nil {
		return err
	}
	all, err := in.All()
	if err != nil {
		return err
	}
	list, rows := []listed{}, [][]string{}
	for _, k := range all {
		c.warnOfTorn(in, k)
		l := listed{Name: k.Name, Messages: k.Messages(), Changed: k.Changed, First: k.First(), File: in.Path(k.Name)}
		first := []rune(strings.Join(strings.Fields(l.First), " "))
		if len(first) > longestFirst {
			first = append(first[:longestFirst-1], '…')
		}
		list, rows = append(list, l), append(rows, []string{l.Name, strconv.Itoa(l.Messages), l.Changed.Local().Format(time.DateTime), string(first)})
	}
	switch {
	case asJSON:
		return c.json(list)
	case len(list) == 0:
		fmt.Fprintln(c.err, "no conversation is kept yet: atelier chat --conversation NAME keeps one")
	default:
		c.table([]string{"CONVERSATION", "MESSAGES", "LAST", "FIRST MESSAGE"}, rows)
	}
	return nil
}

// warnOfTorn says how many lines of a conversation cannot be read.
func (c *cli) warnOfTorn(in conversation.Folder, k *conversation.Conversation) {
	if k.Torn > 0 {
		c.warn(in.Path(k.Name), "lines that cannot be read and are left out: "+strconv.Itoa(k.Torn))
	}
}

// completeConversation completes the name of a conversation.
func completeConversation(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	if in, err := conversations(); err == nil && len(args) == 0 {
		names, _ = in.Names()
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func newConversationsExport(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export NAME", Short: "Write a conversation as Markdown or JSON",
		Long: `Write a conversation as Markdown, to be read, or as JSON, whose messages have role and
content as those of chat models do. Answers that a model wrote bear its name. Without -o it is printed.`,
		Example: "  atelier conversations export holidays -o holidays.md\n  atelier conversations export holidays --format json",
		Args:    takes(1, 1, "NAME"), ValidArgsFunction: completeConversation,
	}
	out := cmd.Flags().StringP("out", "o", "", "file; printed if empty")
	format := cmd.Flags().String("format", "", "markdown or json; if empty, by the extension of the file, or markdown")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"markdown", "json"}, cobra.ShellCompDirectiveNoFileComp))
	force := forceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		known := map[string]string{"": "markdown", ".md": "markdown", ".markdown": "markdown", ".json": "json"}
		ext := strings.ToLower(filepath.Ext(*out))
		as := cmp.Or(*format, known[ext])
		if as != "markdown" && as != "json" {
			if *format != "" {
				return badinput.Errorf("--format: want markdown or json, got %q", *format)
			}
			return badinput.Errorf("-o: %s has no extension of a known format; want one of .md, .json, or add --format", *out)
		}
		in, err := conversations()
		if err != nil {
			return err
		}
		k, err := in.Find(args[0])
		if err != nil {
			return err
		}
		c.warnOfTorn(in, k)
		text := k.Markdown()
		if as == "json" {
			if text, err = k.JSON(); err != nil {
				return err
			}
		}
		if *out == "" {
			c.text(strings.TrimSuffix(string(text), "\n"))
			return nil
		}
		place, err := placeOf(cmd.Context(), newGuard(*force, in.Path(k.Name)), *out, "")
		if err != nil {
			return err
		}
		path, err := place.WriteFile(text)
		if err == nil && !place.IsStream() {
			c.say("wrote %s", path)
		}
		return err
	}
	return cmd
}

func newConversationsDelete(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME ...", Short: "Delete conversations for good",
		Long: `Delete conversations for good, with the jobs of the studio in which their messages were
answered.`,
		Example: "  atelier conversations delete holidays",
		Args:    takes(1, -1, "NAME"), ValidArgsFunction: completeConversation,
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := conversations()
			if err != nil {
				return err
			}
			place, err := studioHome()
			if err != nil {
				return err
			}
			for _, name := range args { // all of them, or none
				if _, err := in.Find(name); err != nil {
					return err
				}
			}
			for _, name := range args {
				if err := server.RemoveConversation(cmd.Context(), place, in, name); err != nil {
					return err
				}
				c.say("deleted %s", name)
			}
			return nil
		},
	}
}
