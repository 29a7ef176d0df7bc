package composing

import "atelier/internal/events"

// ranges are the lowest and the highest pitch that an instrument of a role is given.
var ranges = map[role][2]int{bass: {26, 60}, accompanies: {40, 88}, leads: {48, 98}}

// winds are the instruments that play one note at a time, with the lowest and the highest pitch that
// players reach.
var winds = map[int][2]int{
	56: {54, 84}, 57: {40, 74}, 59: {54, 84}, 60: {41, 77}, // trumpet, trombone, muted trumpet, horn
	64: {56, 88}, 65: {49, 81}, 66: {44, 76}, 67: {36, 69}, // saxophones
	68: {58, 91}, 69: {52, 81}, 70: {34, 75}, 71: {50, 91}, // oboe, English horn, bassoon, clarinet
	72: {74, 98}, 73: {60, 96}, 74: {60, 96}, 75: {60, 96}, 78: {60, 96}, // flutes, whistle
}

// Wind reports whether a program is of an instrument that plays one note at a time.
func Wind(program int) bool {
	_, wind := winds[program]
	return wind
}

// atOnce is the largest number of notes that an instrument begins at once.
func atOnce(program int) int {
	if Wind(program) {
		return 1
	}
	return mostTogether[roleOf(program)]
}

// kitUpTo is the highest pitch of a drum kit: the second ride cymbal.
const kitUpTo = 59

// inRange reports whether a pitch value lies where the part can play it.
func (c *Constraint) inRange(value int) bool {
	r, wind := winds[c.program()]
	if !wind {
		r = ranges[roleOf(c.program())]
	}
	pitch := events.PitchOf(value, max(c.here().Key, 0))
	return pitch >= r[0] && pitch <= r[1]
}

// onGrid reports whether a position is one of sixteenths or of triplets of eighths.
func onGrid(at int) bool { return at%(events.Steps/4) == 0 || at%(events.Steps/3) == 0 }
