package composing

import (
	"slices"

	"atelier/internal/events"
	"atelier/internal/noise"
)

// rhythmNoise is the key of the random numbers that tell which rhythms are kept.
const rhythmNoise = 0x72687974

// A rhythm is the positions at which a part has notes in a bar.
type rhythm []int

// rhythmOf is the rhythm of notes in their order.
func rhythmOf(notes []events.Note) (all rhythm) {
	for _, n := range notes {
		if len(all) == 0 || all[len(all)-1] != n.At {
			all = append(all, n.At)
		}
	}
	return all
}

// rhythm is that of a part in a bar of the piece, of those that were written too.
func (c *Constraint) rhythm(bar, part int) rhythm {
	if bar >= c.plan.From && bar < c.plan.To {
		return c.written[bar-c.plan.From][part]
	}
	return rhythmOf(c.plan.Piece.Bars[bar].Parts[part])
}

// keep sets the rhythm that the part keeps in this bar, if it does: never in the last bar of a
// piece, which ends it.
func (c *Constraint) keep() {
	c.kept = nil
	last := len(c.plan.Piece.Bars) - 1
	left := last - c.bar + c.plan.Piece.More
	if left == 0 || c.bar == 0 {
		return
	}
	if noise.Stream(c.plan.Seed, rhythmNoise, uint64(left), uint64(c.part)).Float64() >= c.plan.Repeats {
		return
	}
	for _, back := range []int{2, 1} {
		if bar := c.bar - back; bar >= 0 && c.plan.Piece.Bars[bar].Meter == c.here().Meter {
			if r := c.rhythm(bar, c.part); len(r) > 0 {
				c.kept = slices.Clone(r)
				return
			}
		}
	}
}

// allowsPosition reports whether notes may begin at a position: of the rhythm that is kept, or
// anywhere on the grid behind the last.
func (c *Constraint) allowsPosition(at int) bool {
	if c.keeps {
		return len(c.kept) > 0 && at == c.kept[0]
	}
	return at < c.steps() && onGrid(at) && (c.at < 0 || at > c.at+1) // no sixteenth beside a triplet
}

// acceptPosition takes a position.
func (c *Constraint) acceptPosition(at int) {
	if c.keeps {
		c.kept = c.kept[1:]
	}
	here := &c.written[c.bar-c.plan.From][c.part]
	*here = append(*here, at)
}
