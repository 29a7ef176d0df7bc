package main

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atelier/app"
	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
)

// A cli holds what all commands share: the console and the global flags.
type cli struct {
	*console
	runs   string
	home   string
	engine engine.Options
}

// front is what a person sees who calls the program without a command.
const front = `Atelier trains generative models on your own pictures, texts and music, scores them, and
draws from them. Three things to try:

  atelier train fashion                   clothes, from pictures that come with the program: 3 minutes
  atelier train FOLDER --minutes 10       a folder of your own pictures, texts or MIDI files
  atelier summarize FILE                  a document in three sentences, at once

Results: atelier runs, atelier show RUN, atelier generate RUN -o sheet.png
All commands: atelier help`

func newRoot(con *console) *cobra.Command {
	c := &cli{console: con}
	root := &cobra.Command{
		Use:   "atelier",
		Short: "Train, evaluate and serve your own generative models",
		Long: `Train, evaluate and serve your own generative models: one program, your data,
no Python, no network needed.`,
		Example:       "  atelier train fashion\n  atelier generate 0001-fashion -n 64 -o sheet.png",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				con.text(front)
				return nil
			}
			return badinput.Errorf("no command %q; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	v := thisVersion()
	root.Version = v.String()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpCommand(newHelp(c, root))
	root.SetOut(con.out)
	root.SetErr(con.err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&c.runs, "runs", run.DefaultRoot, "folder of the run directories")
	root.PersistentFlags().StringVar(&c.home, "home", "", "folder of the datasets, or s3://BUCKET/FOLDER (default: ATELIER_HOME, or the user's folder for data)")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkExclusive(cmd); err != nil {
			return err
		}
		if info, err := os.Stat(c.runs); err == nil && !info.IsDir() {
			return badinput.Errorf("--runs: %s is a file; want the folder of the runs", c.runs)
		}
		return c.setHome()
	}
	root.AddCommand(newTrain(c), newData(c), newWeights(c), newEvaluate(c), newCompare(c), newRuns(c), newShow(c), newReproduce(c), newVerify(c), newBench(c), newBenchWork(c), newPDFText(), newRate(c), newConversations(c), newList(c), newVersion(c), newStudio(c))
	root.AddCommand(newApps(c)...)
	root.InitDefaultCompletionCmd(os.Args[1:]...)
	for _, sub := range root.Commands() {
		if sub.Name() == "completion" {
			completes(sub)
		}
	}
	root.InitDefaultHelpCmd()
	return root
}

func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	if errors.As(err, &value) {
		if cause := value.Unwrap(); errors.Is(cause, badinput.Err) {
			return badinput.Errorf("--%s: %w", value.GetFlag().Name, cause)
		}
		wanted := value.GetFlag().Value.Type()
		return badinput.Errorf("--%s: want %s, got %q", value.GetFlag().Name, cmp.Or(app.Want(wanted), "a "+wanted), value.GetValue())
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

// computes adds the flags --device and --threads.
func (c *cli) computes(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.engine.Device, "device", engine.CPU, "where to compute: "+strings.Join(engine.Devices(), ", "))
	cmd.Flags().IntVar(&c.engine.Threads, "threads", 0, "threads of the device cpu; 0 is one per core")
	cmd.RegisterFlagCompletionFunc("device", cobra.FixedCompletions(engine.Devices(), cobra.ShellCompDirectiveNoFileComp))
}

// jsonFlag adds the flag that turns a table into JSON.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print JSON instead of a table")
}
