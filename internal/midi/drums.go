package midi

// DrumClasses is the number of drum classes.
const DrumClasses = 9

// DrumNames names the drum classes.
var DrumNames = [DrumClasses]string{
	"kick", "snare", "closed hi-hat", "open hi-hat", "low tom", "mid tom", "high tom", "crash", "ride",
}

// drumPitch is the General MIDI pitch that represents each class.
var drumPitch = [DrumClasses]uint8{36, 38, 42, 46, 43, 47, 50, 49, 51}

// drumClass is the class of each General MIDI drum, and of the drums of electronic kits with
// pitches of their own (Gillick et al. 2019, arXiv:1905.06118).
var drumClass = map[uint8]int{
	35: 0, 36: 0,
	37: 1, 38: 1, 39: 1, 40: 1,
	22: 2, 42: 2, 44: 2,
	26: 3, 46: 3,
	41: 4, 43: 4, 58: 4,
	45: 5, 47: 5,
	48: 6, 50: 6,
	49: 7, 52: 7, 55: 7, 57: 7,
	51: 8, 53: 8, 56: 8, 59: 8,
}

// DrumClass is the drum class of a pitch, 0 to 8. Anything that is not a drum of a kit counts as a
// snare.
func (n Note) DrumClass() int {
	if class, ok := drumClass[n.Pitch]; ok {
		return class
	}
	return 1
}

// DrumPitch is the pitch of a drum class.
func DrumPitch(class int) uint8 { return drumPitch[class] }
