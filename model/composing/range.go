package composing

import "atelier/internal/events"

// ranges are the lowest and the highest pitch that an instrument of a role is given.
var ranges = map[role][2]int{bass: {26, 60}, accompanies: {40, 88}, leads: {48, 98}}

// kitUpTo is the highest pitch of a drum kit: the second ride cymbal.
const kitUpTo = 59

// inRange reports whether a pitch value lies where the part can play it.
func (c *Constraint) inRange(value int) bool {
	r := ranges[roleOf(c.program())]
	pitch := events.PitchOf(value, max(c.here().Key, 0))
	return pitch >= r[0] && pitch <= r[1]
}

// onGrid reports whether a position is one of sixteenths or of triplets of eighths.
func onGrid(at int) bool { return at%(events.Steps/4) == 0 || at%(events.Steps/3) == 0 }
