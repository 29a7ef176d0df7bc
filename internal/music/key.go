package music

import "math"

// The profiles of keys from the tonic on: how well each of the twelve tones fits a major or
// minor key (Krumhansl and Kessler 1982).
var (
	majorProfile = [12]float64{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88}
	minorProfile = [12]float64{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}
)

// Tonic is the pitch class of the tonic, 0 for C.
func (k Key) Tonic() int {
	tonic := 7 * k.Fifths
	if k.Minor {
		tonic += 9
	}
	return ((tonic % 12) + 12) % 12
}

// KeyOf is the key of a tonic, with as few sharps or flats as there can be.
func KeyOf(tonic int, minor bool) Key {
	tonic = ((tonic % 12) + 12) % 12
	for fifths := 0; ; fifths = next(fifths) {
		if k := (Key{Fifths: fifths, Minor: minor}); k.Tonic() == tonic {
			return k
		}
	}
}

// next counts 0, 1, -1, 2, -2 and so on.
func next(n int) int {
	if n > 0 {
		return -n
	}
	return 1 - n
}

// String is the name of the key, as in F# minor.
func (k Key) String() string {
	mode := "major"
	if k.Minor {
		mode = "minor"
	}
	return k.TonicName() + " " + mode
}

// TonicName is the name of the tonic as the signature spells it.
func (k Key) TonicName() string {
	step := k.Fifths
	if k.Minor {
		step += 3
	}
	return spelled(step)
}

// spelled is the name of the tone so many fifths above C.
func spelled(fifths int) string {
	at := fifths + 1
	sharps := int(math.Floor(float64(at) / 7))
	return string(fifthLetters[at-7*sharps]) + alterSigns(sharps)
}

// weights is how long each pitch class sounds, drums apart.
func (s *Score) weights() (w [12]float64) {
	for i := range s.Parts {
		if s.Parts[i].Drums() {
			continue
		}
		for _, n := range s.Parts[i].Notes {
			w[n.Pitch%12] += float64(n.Length)
		}
	}
	return w
}

// FindKey finds the key by the profiles of Krumhansl and Kessler: the one whose profile
// correlates best with how long each tone sounds, and that correlation. It is false if there
// are no tones.
func (s *Score) FindKey() (key Key, correlation float64, ok bool) {
	w := s.weights()
	correlation = -2
	for tonic := range 12 {
		for _, minor := range []bool{false, true} {
			profile := majorProfile
			if minor {
				profile = minorProfile
			}
			if c := pearson(w, tonic, profile); c > correlation {
				key, correlation = KeyOf(tonic, minor), c
			}
		}
	}
	return key, correlation, correlation > -2
}

// pearson is the correlation of weights with a profile from a tonic on, NaN for weights
// that are all the same.
func pearson(w [12]float64, tonic int, profile [12]float64) float64 {
	var meanW, meanP float64
	for i := range 12 {
		meanW += w[i] / 12
		meanP += profile[i] / 12
	}
	var both, ofW, ofP float64
	for i := range 12 {
		a, b := w[(i+tonic)%12]-meanW, profile[i]-meanP
		both, ofW, ofP = both+a*b, ofW+a*a, ofP+b*b
	}
	return both / math.Sqrt(ofW*ofP)
}
