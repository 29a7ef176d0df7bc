package train

import (
	"github.com/gomlx/compute/shapes"

	"atelier/data"
	"atelier/internal/badinput"
)

// Needs is the memory that training takes, in bytes, as floats, which do not overflow.
type Needs struct {
	// Variables are the weights, their moments and averages.
	Variables float64
	// Step is the memory of intermediate results, in the phase that takes most.
	Step float64
	// Batch is a batch with the columns added by a phase, in the phase that adds most.
	Batch float64
}

// mostPlanned limits the numbers in a column of a batch that a graph is built for, so that
// the sizes of all intermediate results fit into 64 bits.
const mostPlanned = 1 << 34

// memoried is an executable that reports the memory of an execution, besides its inputs.
type memoried interface{ Memory() int64 }

// Plan compiles every phase for batches of size examples of the spec, creates the variables
// without values, and returns the memory that training would take. It allocates nothing as
// large as a batch, and extrapolates from a smaller batch if one is too large to build.
func (l *Loop) Plan(spec data.Spec, size int) (Needs, error) {
	if err := l.fit(); err != nil {
		return Needs{}, err
	}
	pack, widest := l.Pack(), 1
	if size%pack != 0 {
		return Needs{}, badinput.Errorf("batch: %d is not a multiple of the pack size %d; %d is", size, pack, max(1, size/pack)*pack)
	}
	for _, f := range spec.Fields {
		widest = max(widest, f.Size())
	}
	most := max(2, mostPlanned/widest/pack) * pack
	if size <= most {
		return l.plan(spec, size)
	}
	n, err := l.plan(spec, most)
	n.Step *= float64(size) / float64(most)
	n.Batch *= float64(size) / float64(most)
	return n, err
}

// Pack is the number of examples per pack: the batch size is a multiple of it.
func (l *Loop) Pack() int {
	pack := 1
	for _, s := range l.Stages {
		for i := range s.Phases {
			pack = max(pack, s.Phases[i].pack())
		}
	}
	return pack
}

// plan is Plan for a batch that can be built.
func (l *Loop) plan(spec data.Spec, size int) (Needs, error) {
	var m Needs
	for i := range l.Stages {
		for j := range l.Stages[i].Phases {
			p := &l.Stages[i].Phases[j]
			b := data.NewBatch(spec, 1) // the rows of added columns, too, have equal sizes
			if p.Prepare != nil {
				if err := p.Prepare(Turn{Seed: l.Seed, Batch: b}); err != nil {
					return m, err
				}
			}
			u, err := l.updater(p)
			if err != nil {
				return m, err
			}
			g, err := u.compile(b, size)
			if err != nil {
				return m, err
			}
			if e, ok := g.Executable().(memoried); ok {
				m.Step = max(m.Step, float64(e.Memory()))
			}
			columns := 0.
			for k := range b.Columns {
				columns += bytesOf(shapeOf(&b.Columns[k], size))
			}
			m.Batch = max(m.Batch, columns)
		}
	}
	for v := range l.Store.IterVariables() {
		m.Variables += bytesOf(v.Shape())
	}
	return m, nil
}

func bytesOf(s shapes.Shape) float64 {
	n := float64(s.DType.SizeForDimensions())
	for _, d := range s.Dimensions {
		n *= float64(d)
	}
	return n
}
