package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// completes sets up the command that prints completion scripts: it would print its help for a
// shell that it does not know, and bash would repeat the keys of settings.
func completes(completion *cobra.Command) {
	completion.Args = cobra.ArbitraryArgs
	completion.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return badinput.Errorf("no shell %q; %s", args[0], registry.Suggest(args[0], commands(cmd)))
	}
	for _, shell := range completion.Commands() {
		if script := shell.RunE; shell.Name() == "bash" && script != nil {
			shell.RunE = func(cmd *cobra.Command, args []string) error {
				err := script(cmd, args)
				if err == nil {
					_, err = fmt.Fprint(cmd.Root().OutOrStdout(), bashSettings)
				}
				return err
			}
		}
	}
}

// bashSettings goes below the script for bash, which takes what stands behind a = for a word of
// its own: the key in front of it is cut off what key=value is completed with.
const bashSettings = `
__atelier_settings()
{
    __start_atelier "$@"
    local line=${COMP_LINE:0:COMP_POINT}
    local last=${line##* }
    if [[ $COMP_WORDBREAKS == *=* && $last == [^-]*=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${last%=*}="}")
    fi
}

if [[ $(type -t compopt) = "builtin" ]]; then
    complete -o default -F __atelier_settings atelier
else
    complete -o default -o nospace -F __atelier_settings atelier
fi
`

// completeArguments completes the arguments of an app; the last may come again and again.
func (c *cli) completeArguments(arguments []app.Input, again bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		at := len(args)
		if again {
			at = min(at, len(arguments)-1)
		}
		if at >= len(arguments) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return c.completeInput(arguments[at])
	}
}
