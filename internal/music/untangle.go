package music

import "math"

// Untangle shortens notes that sound when another of their pitch begins in their part, which
// no instrument can play twice at once.
func (s *Score) Untangle() {
	for i := range s.Parts {
		notes := s.Parts[i].Notes
		last := map[uint8]int{} // the note of a pitch that began last
		for j, n := range notes {
			if k, ok := last[n.Pitch]; ok && notes[k].At+notes[k].Length > n.At && n.At > notes[k].At {
				notes[k].Length = n.At - notes[k].At
			}
			last[n.Pitch] = j
		}
	}
}

// OneByOne ends each note of the part where the next one begins, as on an instrument of one voice.
func (p *Part) OneByOne() {
	next := int64(math.MaxInt64)
	for i := len(p.Notes) - 1; i >= 0; i-- {
		n := &p.Notes[i]
		if i+1 < len(p.Notes) && p.Notes[i+1].At > n.At {
			next = p.Notes[i+1].At
		}
		n.Length = min(n.Length, next-n.At)
	}
}
