package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
)

// A cli is what every command shares: the console and the global flags.
type cli struct {
	*console
	runs   string
	home   string
	engine engine.Options
}

func newRoot(con *console) *cobra.Command {
	c := &cli{console: con}
	root := &cobra.Command{
		Use:   "atelier",
		Short: "Train, prove and serve your own generative models",
		Long: `Train, prove and serve your own generative models: one program, your data,
no Python, no network needed.`,
		Example:       "  atelier train fashion\n  atelier generate 0001-fashion -n 64 -o sheet.png",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return badinput.Errorf("no command %q; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	v := thisVersion()
	root.Version = v.String()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpCommand(newHelp(root))
	root.SetOut(con.out)
	root.SetErr(con.err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&c.runs, "runs", run.DefaultRoot, "folder of the run directories")
	root.PersistentFlags().StringVar(&c.home, "home", "", "folder of the datasets, or s3://BUCKET/FOLDER (default: ATELIER_HOME, or the user's folder for data)")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return c.setHome() }
	root.AddCommand(newTrain(c), newData(c), newEvaluate(c), newCompare(c), newRuns(c), newShow(c), newReproduce(c), newBench(c), newBenchWork(c), newList(c), newVersion(c))
	root.AddCommand(newApps(c)...)
	return root
}

// newHelp shows the help of a command, and knows which there are.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command", Example: "  atelier help train\n  atelier help data add",
		RunE: func(_ *cobra.Command, args []string) error {
			found := root
			for _, name := range args {
				i := slices.IndexFunc(found.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
				if i < 0 {
					return badinput.Errorf("no command %q; %s", strings.Join(args, " "), registry.Suggest(name, commands(found)))
				}
				found = found.Commands()[i]
			}
			return found.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commands(found), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// flagTypes say in words what the types of flags take.
var flagTypes = map[string]string{
	"int": "a whole number", "uint64": "a whole number from 0 to 18446744073709551615", "float64": "a number", "bool": "true or false",
	"duration": "a time such as 90s or 5m", "seeds": "whole numbers with commas between them, such as 1,7,12", "stringSlice": `names with commas between them, one with a comma or a quote in it in quotes: '"a, b",c'`,
}

func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	if errors.As(err, &value) {
		wanted := value.GetFlag().Value.Type()
		return badinput.Errorf("--%s: want %s, got %q", value.GetFlag().Name, cmp.Or(flagTypes[wanted], "a "+wanted), value.GetValue())
	}
	return badinput.Errorf("%w; atelier %s --help lists the flags", err, cmd.Name())
}

func commands(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// takes checks the number of arguments; most < 0 means any. What says what
// they are, as in the usage line.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		example, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
		if most == 0 {
			return badinput.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])
		}
		return badinput.Errorf("%s: want %s, such as: %s", cmd.Name(), what, example)
	}
}

// computes adds the flags of a command that computes: where, and with how much.
func (c *cli) computes(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.engine.Device, "device", engine.CPU, "where to compute: "+strings.Join(engine.Devices(), ", "))
	cmd.Flags().IntVar(&c.engine.Threads, "threads", 0, "how many threads the device cpu takes; 0 is one a core")
	cmd.RegisterFlagCompletionFunc("device", cobra.FixedCompletions(engine.Devices(), cobra.ShellCompDirectiveNoFileComp))
}

// jsonFlag adds the flag that turns a table into JSON.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print JSON instead of a table")
}
