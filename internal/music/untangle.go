package music

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
