package music

import "math"

// The profiles of keys from the tonic on: the share of each of the twelve tones in pieces in major
// and in minor (Albrecht and Shanahan 2013).
var (
	majorProfile = [12]float64{.238, .006, .111, .006, .137, .094, .016, .214, .009, .080, .008, .081}
	minorProfile = [12]float64{.220, .006, .104, .123, .019, .103, .012, .214, .062, .022, .061, .052}
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

// FindKey finds the key in which the tones are likeliest to sound as long as they do, and how well
// they correlate with its profile. It is false if there are no tones, or all sound alike.
func (s *Score) FindKey() (key Key, correlation float64, ok bool) {
	w, best := s.weights(), math.Inf(-1)
	for tonic := range 12 {
		for _, minor := range []bool{false, true} {
			profile := &majorProfile
			if minor {
				profile = &minorProfile
			}
			likelihood := 0.0
			for i, share := range profile {
				likelihood += w[(i+tonic)%12] * math.Log(share)
			}
			if likelihood > best {
				best, key, correlation = likelihood, KeyOf(tonic, minor), pearson(w, tonic, profile)
			}
		}
	}
	return key, correlation, !math.IsNaN(correlation)
}

// pearson is the correlation of weights with a profile from a tonic on, NaN for weights
// that are all the same.
func pearson(w [12]float64, tonic int, profile *[12]float64) float64 {
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
