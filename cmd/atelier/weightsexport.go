package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/tokenizer"
	"atelier/model/brought"
	"atelier/model/run"
)

func newWeightsExport(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export NAME",
		Short: "Write weights, or a run of texts, for other programs: a GGUF file, or a Hugging Face folder",
		Example: `  atelier weights export stories260k -o stories.gguf --type f16
  atelier weights export my-model -o my-model-hf --format hf`,
		Args: takes(1, 1, "NAME or FILE"), ValidArgsFunction: c.completeWeights,
	}
	out := cmd.Flags().StringP("out", "o", "", "the new file to write, - for the standard output, or the new folder with --format hf")
	format := cmd.Flags().String("format", brought.FormatGGUF, "gguf (one file), hf (a folder with config.json, model.safetensors and tokenizer.json)")
	kind := cmd.Flags().String("type", "", "type of the matrices: "+strings.Join(brought.ExportTypes(), ", ")+"; if empty, as they are")
	force := forceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *out == "" {
			return badinput.Errorf("weights export: want -o FILE, the new file to write")
		}
		o, done, err := c.exported(args[0])
		if err != nil {
			return err
		}
		defer done()
		switch *format {
		case brought.FormatGGUF:
			if *out == "-" {
				*out = stdout
			}
			place, err := newGuard(*force, o.Paths()...).File(cmd.Context(), *out)
			if err != nil {
				return err
			}
			path, err := place.Write(func(w io.Writer) error { return o.ExportGGUF(w, *kind) })
			if err == nil {
				c.beside(place).say("wrote %s", path)
			}
			return err
		case brought.FormatHF:
			if _, err := newGuard(*force).Folder(*out); err != nil {
				return err
			}
			if err := o.ExportHF(*out, *kind); err != nil {
				return err
			}
			c.say("wrote %s", *out)
			return nil
		}
		return badinput.Errorf("--format: want gguf or hf, got %q", *format)
	}
	return cmd
}

// exported opens the weights or the run of a name; done releases them.
func (c *cli) exported(name string) (o *brought.Opened, done func(), err error) {
	if _, missing := run.OpenDir(c.runs, name); missing != nil {
		home, err := brought.Home()
		if err != nil {
			return nil, nil, err
		}
		o, err := brought.Find(home, name, append(c.runsThat("writes"), c.runsThat("composes")...)...)
		return o, func() { o.Close() }, err
	}
	studio, release, err := c.studio(newMeter(c.console))
	if err != nil {
		return nil, nil, err
	}
	r, err := studio.Open(name)
	if err != nil {
		release()
		return nil, nil, err
	}
	done = func() { r.Close(); release() }
	if o, err = exportedRun(r); err != nil {
		done()
	}
	return o, done, err
}

// exportedRun is the language model of a run.
func exportedRun(r *run.Run) (*brought.Opened, error) {
	m, err := r.Writer()
	if err != nil {
		return nil, err
	}
	t, err := r.Tokenizer()
	if err != nil {
		return nil, err
	}
	if r.Controls() > 0 {
		return nil, badinput.Errorf("run %s generates texts by class, which the formats of other programs do not know", r.Dir.Name())
	}
	end, ok := r.End()
	if !ok {
		end = tokenizer.None
	}
	return brought.Of(r.Dir.Name(), m.Config, m.Weights(), t, end)
}
