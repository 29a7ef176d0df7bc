package midi

// A Grid divides quarter notes of so many ticks into steps.
type Grid struct{ Steps, Quarter int64 }

// Step is the step nearest to a tick, the later of two.
func (g Grid) Step(tick int64) int64 { return (2*tick*g.Steps + g.Quarter) / (2 * g.Quarter) }

// Tick is the tick nearest to a step.
func (g Grid) Tick(step int64) int64 { return (2*step*g.Quarter + g.Steps) / (2 * g.Steps) }

// Span is the steps that a note takes, up to but not including the second: those
// nearest to its start and end, one at least.
func (g Grid) Span(n Note) (from, to int64) {
	from = g.Step(n.At)
	return from, max(from+1, g.Step(n.At+n.Length))
}
