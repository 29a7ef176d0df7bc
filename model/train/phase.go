// Package train is the training loop: steps made of stages and phases, independent of the
// models.
package train

import (
	"cmp"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
)

// A Stage is a part of training with its own phases, such as pretraining.
type Stage struct {
	// Name is the stage's name in messages.
	Name string
	// Steps is the number of steps of the stage; 0 lasts to the end of the run.
	Steps int
	// Phases run in this order in each step.
	Phases []Phase
}

// A Phase is one kind of update within a step: which variables are updated, how often, and
// by which loss.
type Phase struct {
	// Name is the prefix of the phase's statistics, such as "D".
	Name string
	// Moves lists the scopes whose variables are updated. A change that the loss makes to
	// any other variable, such as a running average, is discarded.
	Moves []string
	// Every makes the phase run only on steps divisible by it (0 means 1).
	Every int
	// Times is the number of updates per step, each on a new batch (0 means 1).
	Times int
	// Pack is the number of examples per pack: the batch size is a multiple of it (0 means 1).
	Pack int
	// Optimizer updates the variables.
	Optimizer Optimizer
	// Moments is the name of the optimizer's variables, such as its moments: phases with the
	// same name share them. If empty, it is the name of the phase.
	Moments string
	// Numbers are settings of the loss that are inputs of its graph, such as the weights of
	// penalties.
	Numbers []Number
	// Prepare changes or completes the batch on the host; nil leaves it unchanged.
	Prepare func(Turn) error
	// Loss builds the scalar that the phase minimises.
	Loss func(*Inputs) *graph.Node
	// EMAs are updated after each update of the weights.
	EMAs []EMA
	// After runs after each update; nil does nothing.
	After func(Turn, Stats) error
	// Memory is the state of Prepare and After between steps, saved in checkpoints; nil if
	// there is none.
	Memory Memory
}

// A Memory is state on the host that is saved in checkpoints.
type Memory interface {
	Save() ([]byte, error)
	Load([]byte) error
}

// A Turn identifies the next update.
type Turn struct {
	Step  int    // from 0
	Index int    // of the update within the phase's turn, from 0
	Seed  uint64 // of the run
	Batch *data.Batch
	// Backend and Store are for phases that sample from the model they train. Store is nil while
	// a loop is planned: there are no weights then, and added columns can be left blank.
	Backend compute.Backend
	Store   *model.Store
}

// Inputs is what a loss is built from.
type Inputs struct {
	// Store holds the variables.
	Store *model.Store
	// Graph is the graph under construction.
	Graph *graph.Graph

	columns map[string]*graph.Node
	numbers map[string]*graph.Node
	names   []string
	values  []*graph.Node
}

// Column returns the batch's column of that name, [batch, shape...], or nil if
// the batch has none.
func (in *Inputs) Column(name string) *graph.Node { return in.columns[name] }

// Number returns one of the phase's numbers, [].
func (in *Inputs) Number(name string) *graph.Node { return in.numbers[name] }

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

// descent is the optimizer of the phase with its scopes.
func (p *Phase) descent() Descent {
	return Descent{Optimizer: p.Optimizer, Name: cmp.Or(p.Moments, p.Name), Moves: p.Moves, phase: p.Name}
}
