// Package train moves the weights: a loop over steps that knows stages and
// phases, and nothing of the models that are made of them.
package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// A Stage is a stretch of training with phases of its own, such as pretraining.
type Stage struct {
	// Name is the stage's name in messages.
	Name string
	// Steps is how many steps the stage lasts; 0 lasts to the end of the run.
	Steps int
	// Phases run in this order in each step.
	Phases []Phase
}

// A Phase is one kind of update within a step: which variables move, how
// often, down which loss.
type Phase struct {
	// Name is the prefix of the phase's statistics, such as "D".
	Name string
	// Moves lists the scopes whose variables change. A change that the loss
	// makes to any other variable, such as a running average, is discarded.
	Moves []string
	// Every makes the phase run on steps divisible by it only (0 means 1).
	Every int
	// Times is the number of updates a turn, each on a fresh batch (0 means 1).
	Times int
	// Pack is how many examples are learned from together: a batch is a whole number of
	// packs (0 means 1).
	Pack int
	// Optimizer moves the variables. Two phases whose optimizers have the same
	// name share its moments.
	Optimizer Adam
	// Prepare changes or completes the batch on the host; nil leaves it as it is.
	Prepare func(Turn) error
	// Loss builds the scalar that the phase descends.
	Loss func(*Inputs) *graph.Node
	// Averages follow the weights after each update.
	Averages []Average
	// After acts once an update is done; nil does nothing.
	After func(Turn, Stats) error
	// Memory is what Prepare and After remember between steps, saved in the
	// checkpoint; nil if nothing.
	Memory Memory
}

// A Memory is state on the host that a checkpoint must hold.
type Memory interface {
	Save() ([]byte, error)
	Load([]byte) error
}

// A Turn says which update is about to happen.
type Turn struct {
	Step  int    // from 0
	Index int    // of the update within the phase's turn, from 0
	Seed  uint64 // of the run
	Batch *data.Batch
}

// Inputs is what a loss is built from.
type Inputs struct {
	// Store holds the variables.
	Store *model.Store
	// Graph is the graph under construction.
	Graph *graph.Graph

	columns map[string]*graph.Node
	names   []string
	values  []*graph.Node
}

// Column returns the batch's column of that name, [batch, shape...], or nil if
// the batch has none.
func (in *Inputs) Column(name string) *graph.Node { return in.columns[name] }

// Report adds a scalar to the statistics of the phase.
func (in *Inputs) Report(name string, scalar *graph.Node) {
	in.names = append(in.names, name)
	in.values = append(in.values, graph.StopGradient(scalar))
}

// Stats are the scalars measured during a step, such as "D/loss".
type Stats map[string]float64

func (p *Phase) every() int { return max(p.Every, 1) }
func (p *Phase) times() int { return max(p.Times, 1) }
func (p *Phase) pack() int  { return max(p.Pack, 1) }
