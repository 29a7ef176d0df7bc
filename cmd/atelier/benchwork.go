package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"

	"atelier/bench"
	"atelier/engine"
	"atelier/model/run"
)

// newBenchWork is the hidden command with which the suite engine runs each work in a
// separate process.
func newBenchWork(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "bench-work WORK",
		Short:   "Do a round of a work of the suite engine for each line of standard input, a number of seconds",
		Example: "  atelier bench-work mlp-gan",
		Args:    takes(1, 1, "WORK"),
		Hidden:  true,
	}
	c.computes(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		backend, err := engine.Open(c.engine)
		if err != nil {
			return err
		}
		defer backend.Finalize()
		kernels := engine.NewDots(c.engine)
		defer kernels.Close()
		return bench.Serve(&run.Studio{Backend: backend, Kernels: kernels}, args[0], os.Stdin, os.Stdout)
	}
	return cmd
}

// machine is the environment of suites.
func (c *cli) machine(s *run.Studio) *bench.Machine {
	return &bench.Machine{
		Studio: s, Threads: c.engine.Count(),
		Worker: func(ctx context.Context, work string, threads int) *exec.Cmd {
			args := []string{"bench-work", work, "--device", c.engine.Device}
			if c.engine.Device == engine.CPU {
				args = append(args, "--threads", strconv.Itoa(threads))
			}
			return self(ctx, args...)
		},
		Program: self,
		Peak: func() (float64, error) {
			p, err := engine.ThisProcessor()
			return p.Peak, err
		},
	}
}

// self is a command that runs this program.
func self(ctx context.Context, args ...string) *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	return exec.CommandContext(ctx, path, args...)
}
