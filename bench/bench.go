// Package bench holds the suites of measurements by which the program proves
// its bars: one suite a file.
package bench

import (
	"context"
	"fmt"
	"os/exec"
	"slices"

	"atelier/internal/registry"
	"atelier/model/run"
)

// Suites lists the suites of measurements.
var Suites = registry.New[Suite]("suite")

// A Suite measures the program. Its exported fields are its settings.
type Suite interface {
	// Run measures and emits each row as it comes. Its runs are kept in the studio.
	Run(ctx context.Context, on *Machine, emit func(Row)) error
}

// A Machine is what suites measure with.
type Machine struct {
	*run.Studio
	// Threads is how many the studio's backend takes.
	Threads int
	// Worker is the command of a process of this program that does one work of the
	// suite engine on so many threads, as [Serve] does.
	Worker func(ctx context.Context, work string, threads int) *exec.Cmd
	// Program is the command of a process of this program with those arguments.
	Program func(ctx context.Context, args ...string) *exec.Cmd
	// Peak measures how many GFLOP/s in float32 the processor reaches at most.
	Peak func() (float64, error)
}

// Tell tells a person a line, if anybody listens.
func (m *Machine) Tell(line string) {
	if m.Notice != nil {
		m.Notice(line)
	}
}

// A Row is one measurement beside the bar that it should reach.
type Row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Bar is the value to be reached, such as ">= 8".
	Bar string `json:"bar"`
	// Holds reports whether the value reaches the bar.
	Holds bool `json:"holds"`
	// Peer is what another program gives, and Ratio the value over it.
	Peer  *float64 `json:"peer,omitempty"`
	Ratio *float64 `json:"ratio,omitempty"`
	// Share is the part of the machine's measured peak that the value takes.
	Share *float64 `json:"share,omitempty"`
	// Floor is the same measure of real data.
	Floor *float64 `json:"floor,omitempty"`
	// N is the number of samples behind the value.
	N int `json:"n,omitempty"`
}

// checkOnly refuses a part of a suite that there is not, by what a part is called.
func checkOnly(only, names []string, what string) error {
	for _, name := range only {
		if !slices.Contains(names, name) {
			return registry.Unfit("only", fmt.Sprintf("no %s %q; %s", what, name, registry.Suggest(name, names)))
		}
	}
	return nil
}
