package main

import (
	"errors"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// mostReproduced is the size of the largest file that is made again, in bytes.
const mostReproduced = 256 << 20

func newReproduce(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reproduce FILE",
		Short: "Make a generated picture or piece of music again from what it carries, and compare",
		Long: `Make a generated picture or piece of music again from what it carries: run,
checkpoint, seeds and settings. With the same program, engine and checkpoint every
byte is the same; otherwise what differs is named, pixels and notes by how many.`,
		Example: "  atelier reproduce sheet.png",
		Args:    takes(1, 1, "FILE"),
	}
	c.computes(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		picture, err := durable.ReadFile(args[0], mostReproduced)
		if err != nil {
			return badinput.Mark(err)
		}
		studio, done, err := c.studio(newMeter(c.console))
		if err != nil {
			return err
		}
		defer done()
		r, err := app.Reproduce(cmd.Context(), &app.Env{Studio: studio}, picture)
		if err != nil {
			return err
		}
		for _, d := range r.Differences {
			c.say("%s", d)
		}
		if !r.Same {
			return errors.New(args[0] + " could not be made again, byte for byte; what differs is above")
		}
		c.say("the same bytes: %s from %s, checkpoint %.12s, seed %d", args[0], r.Label.Run, r.Label.Checkpoint, r.Label.Seeds[0])
		return nil
	}
	return cmd
}
