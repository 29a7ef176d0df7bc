package train

import (
	"github.com/gomlx/compute/shapes"

	"atelier/data"
	"atelier/internal/badinput"
)

// Needs is what training takes, in bytes. They are floats so that no size is too large
// to be told.
type Needs struct {
	// Variables are the weights, their moments and averages.
	Variables float64
	// Step is what lies between them and the results, in the phase that takes most.
	Step float64
	// Batch is a batch with all that a phase adds to it, in the phase that adds most.
	Batch float64
}

// mostPlanned bounds the numbers in a column of a batch that a graph is built for: the
// sizes of all that follows from them can then be counted in 64 bits.
const mostPlanned = 1 << 34

// memoried is an executable that tells what an execution takes beside its inputs.
type memoried interface{ Memory() int64 }

// Plan compiles every phase for batches of size examples of the spec, and makes the
// variables, which have no values yet. It makes nothing as large as a batch, it tells
// what training would take. Of a batch too large to be built it tells by a smaller one.
func (l *Loop) Plan(spec data.Spec, size int) (Needs, error) {
	if err := l.fit(); err != nil {
		return Needs{}, err
	}
	pack, widest := l.Pack(), 1
	if size%pack != 0 {
		return Needs{}, badinput.Errorf("batch: %d examples do not divide into packs of %d; %d would", size, pack, max(1, size/pack)*pack)
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

// Pack is how many examples are learned from together: batches are whole numbers of packs.
func (l *Loop) Pack() int {
	pack := 1
	for _, s := range l.Stages {
		for i := range s.Phases {
			pack = max(pack, s.Phases[i].pack())
		}
	}
	return pack
}

// plan is Plan of a batch that can be built.
func (l *Loop) plan(spec data.Spec, size int) (Needs, error) {
	var m Needs
	for i := range l.Stages {
		for j := range l.Stages[i].Phases {
			p := &l.Stages[i].Phases[j]
			b := data.NewBatch(spec, 1) // of columns that are added, too, the rows are alike
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
