package graphs

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// A Resident is a compiled graph whose variables lie on the device once and for
// all. It is called with buffers, which costs far less than a call through gomlx's
// executor: it is for graphs that run thousands of times a second. The store must
// neither train nor be restored while it is in use.
type Resident struct {
	executable compute.Executable
	inputs     []compute.Buffer // those of variables; nil where an argument belongs
	donate     []bool
	arguments  []int // place of each argument among the inputs
}

// An Argument is an input of a [Resident].
type Argument struct {
	Shape shapes.Shape
	// Donated arguments are given away: their memory becomes that of an output.
	Donated bool
}

// NewResident compiles a graph, a function of its arguments and of variables that
// the store has values of.
func NewResident(backend compute.Backend, store *model.Store, arguments []Argument, fn func(in []*graph.Node) []*graph.Node) (*Resident, error) {
	g := graph.NewGraph(backend, "resident")
	in := make([]*graph.Node, len(arguments))
	err := exceptions.TryCatch[error](func() {
		for i, a := range arguments {
			in[i] = graph.Parameter(g, fmt.Sprintf("argument %d", i), a.Shape)
		}
		store.SetTraining(g, false)
		if err := g.Compile(fn(in)...); err != nil {
			panic(err)
		}
	})
	if err != nil {
		return nil, err
	}
	r := &Resident{executable: g.Executable(), inputs: make([]compute.Buffer, g.NumParameters()), donate: make([]bool, g.NumParameters())}
	for i, a := range arguments {
		at := int(in[i].GetParameterHandle())
		r.arguments = append(r.arguments, at)
		r.donate[at] = a.Donated
	}
	for v := range store.IterVariables() {
		if !v.InUseByGraph(g) {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		at := int(g.GetParameterByName(v.Path()).GetParameterHandle())
		if r.inputs[at], err = value.Buffer(backend, 0); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Call runs the graph. The caller owns the outputs; donated arguments are gone.
func (r *Resident) Call(arguments ...compute.Buffer) ([]compute.Buffer, error) {
	inputs := append([]compute.Buffer(nil), r.inputs...)
	for i, a := range arguments {
		inputs[r.arguments[i]] = a
	}
	return r.executable.Execute(inputs, r.donate, 0)
}

// View is a store of its own with the values that another has now, which both share: what
// is made or moved in it, the other does not see. No variable of the other may train
// meanwhile.
func View(of *model.Store) (*model.Store, error) {
	view := model.NewStore()
	for v := range of.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		copied, err := view.CreateVariable(v.Path(), value)
		if err != nil {
			return nil, err
		}
		copied.SetTrainable(v.Trainable)
	}
	return view, nil
}
