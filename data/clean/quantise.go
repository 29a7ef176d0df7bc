package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("quantise", "quantises notes to a grid, and counts how far they move",
		func() data.Cleaner { return &Quantise{Steps: 4} })
}

// Quantise moves notes to the nearest step of a grid. It destroys the timing of a performance, so
// no pipeline has it by default; the codec music has a grid of its own.
type Quantise struct {
	Steps int `help:"grid steps per quarter note, 1 to 48: 4 for sixteenths, 3 for eighth-note triplets, 12 for both"`
}

// Check refuses an invalid grid.
func (c *Quantise) Check() error {
	if c.Steps < 1 || c.Steps > 48 {
		return registry.Unfit("steps", fmt.Sprintf("want 1 to 48 steps, got %d", c.Steps))
	}
	return nil
}

// Clean implements [data.Cleaner]. Starts and ends move to the nearest step, ties to the later one;
// a note lasts at least one step.
func (c *Quantise) Clean(p *data.Piece) error {
	m, err := musicOf(p)
	if m == nil || m.Quarter <= c.Steps { // the ticks are a coarser grid
		return err
	}
	grid, end := midi.Grid{Steps: int64(c.Steps), Quarter: int64(m.Quarter)}, m.End
	moved, micros := 0, int64(0)
	for i := range m.Notes {
		n := &m.Notes[i]
		start, stop := grid.Span(*n)
		at := grid.Tick(start)
		length := grid.Tick(stop) - at
		if at != n.At || length != n.Length {
			moved++
			from, to := m.Micros(n.At), m.Micros(at)
			micros += max(from-to, to-from)
		}
		n.At, n.Length = at, length
		end = max(end, at+length)
	}
	if moved > 0 {
		m.End = end
		m.Sort()
		m.changed(p, "quantised", moved)
		p.Change("quantised by ms", int((micros+500)/1000))
	}
	return nil
}
