package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/server"
)

func newStudioToken(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "token", Short: "Manage the tokens by which programs use the studio",
		Example: "  atelier studio token add laptop --scope make\n  atelier studio token list",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return badinput.Errorf("no command %q of studio token; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(newTokenAdd(c), newTokenList(c), newTokenRevoke(c))
	return cmd
}

func newTokenAdd(c *cli) *cobra.Command {
	add := &cobra.Command{
		Use: "add NAME", Short: "Make a token and print it, once",
		Example: "  atelier studio token add laptop --scope make\n  atelier studio token add monitor --scope read --days 30",
		Args:    takes(1, 1, "NAME"), ValidArgsFunction: cobra.NoFileCompletions,
	}
	scope := add.Flags().String("scope", "make", "what it may do: read, make, or admin, which may also name paths of this machine")
	days := add.Flags().Int("days", 0, "days after which it expires; 0 is never")
	add.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions([]string{"read", "make", "admin"}, cobra.ShellCompDirectiveNoFileComp))
	add.RunE = func(cmd *cobra.Command, args []string) error {
		may, err := server.ParseScope(*scope)
		if err != nil {
			return badinput.Errorf("--scope: %w", err)
		}
		if *days < 0 || *days > 3650 {
			return badinput.Errorf("--days: want 0 to 3650, got %d", *days)
		}
		return withTokens(cmd.Context(), func(t server.Tokens) error {
			secret, err := t.Add(args[0], may, time.Duration(*days)*24*time.Hour)
			if err == nil {
				c.say("%s", secret)
			}
			return err
		})
	}
	return add
}

func newTokenList(c *cli) *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: "List the tokens", Example: "  atelier studio token list", Args: takes(0, 0, ""), ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(list)
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		return withTokens(cmd.Context(), func(t server.Tokens) error {
			all, err := t.List(cmd.Context())
			switch {
			case err != nil:
				return err
			case *asJSON:
				return c.json(all)
			}
			rows := make([][]string, len(all))
			for i, k := range all {
				expires := "never"
				if k.Expires != nil {
					expires = k.Expires.Local().Format(time.DateTime)
				}
				rows[i] = []string{k.Name, k.Scope.String(), k.Created.Local().Format(time.DateTime), expires}
			}
			c.table([]string{"TOKEN", "SCOPE", "CREATED", "EXPIRES"}, rows)
			return nil
		})
	}
	return list
}

func newTokenRevoke(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token at once", Example: "  atelier studio token revoke laptop", Args: takes(1, 1, "NAME"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withTokens(cmd.Context(), func(t server.Tokens) error {
				err := t.Revoke(args[0])
				if err == nil {
					c.say("revoked %s", args[0])
				}
				return err
			})
		},
	}
}

// withTokens calls a function with the tokens of the home.
func withTokens(ctx context.Context, do func(server.Tokens) error) error {
	place, err := studioHome()
	if err != nil {
		return err
	}
	l, err := server.OpenLedger(ctx, place)
	if err != nil {
		return err
	}
	return errors.Join(do(server.Tokens{Ledger: l}), l.Close())
}

func newStudioLink(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "link", Short: "Print a link that opens the running studio in a browser, once", Example: "  atelier studio link",
		Args: takes(0, 0, ""), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			place, err := studioHome()
			if err != nil {
				return err
			}
			code, at, err := server.AskCode(cmd.Context(), place)
			if err != nil {
				return fmt.Errorf("the studio gives no link: %w", err)
			}
			c.say("%s/#code=%s", at, code)
			return nil
		},
	}
}
