// Package bench implements the measurement suites that check the program against its targets: one
// suite per file.
package bench

import (
	"context"
	"os/exec"

	"atelier/internal/registry"
	"atelier/model/run"
)

// Suites is the registry of suites.
var Suites = registry.New[Suite]("suite")

// A Suite is a set of measurements. Its exported fields are its settings.
type Suite interface {
	// Run measures and emits each row as soon as it is known. Its runs are kept in the studio.
	Run(ctx context.Context, on *Machine, emit func(Row)) error
}

// A Machine is the environment of suites.
type Machine struct {
	*run.Studio
	// Threads is the number of threads of the studio's backend.
	Threads int
	// Worker is the command of a process of this program that runs one work of the suite engine
	// with the given number of threads, as [Serve] does.
	Worker func(ctx context.Context, work string, threads int) *exec.Cmd
	// Program is the command of a process of this program with the given arguments.
	Program func(ctx context.Context, args ...string) *exec.Cmd
	// Peak measures the processor's peak GFLOP/s in float32.
	Peak func() (float64, error)
}

// Tell prints a line, if there is a listener.
func (m *Machine) Tell(line string) {
	if m.Notice != nil {
		m.Notice(line)
	}
}

// A Row is one measurement with its target.
type Row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Bar is the target, such as ">= 8".
	Bar string `json:"bar"`
	// Holds reports whether the value meets the target.
	Holds bool `json:"holds"`
	// Peer is the result of another program, and Ratio the value over it.
	Peer  *float64 `json:"peer,omitempty"`
	Ratio *float64 `json:"ratio,omitempty"`
	// Share is the value as a share of the machine's measured peak.
	Share *float64 `json:"share,omitempty"`
	// Floor is the same measure for real data.
	Floor *float64 `json:"floor,omitempty"`
	// N is the number of samples behind the value.
	N int `json:"n,omitempty"`
}
