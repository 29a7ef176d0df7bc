package music

import "atelier/internal/midi"

// A Bar is a bar of the piece.
type Bar struct {
	At, Length int64
	Meter      midi.Meter
	Number     int // from 1; 0 for a pickup
}

// mostBars limits the number of bars of a piece.
const mostBars = 1 << 17

// ticks is the length of a bar of a meter.
func (s *Score) ticks(m midi.Meter) int64 {
	return max(1, int64(m.Count)*4*int64(s.Quarter)/int64(m.Unit))
}

// pickup is the length of the bar that the piece begins with before the first full one, 0
// if there is none: a first bar alone in its meter, which is shorter than that of the
// second.
func (s *Score) pickup() int64 {
	if len(s.Meters) < 2 || s.Meters[0].At != 0 {
		return 0
	}
	first := s.ticks(s.Meters[0])
	if s.Meters[1].At != first || s.ticks(s.Meters[1]) <= first {
		return 0
	}
	return first
}

// countBars is the number of full bars up to the end, however many there are.
func (s *Score) countBars() (n int) {
	meters, end := s.allMeters()
	for i, m := range meters {
		until := end
		if i+1 < len(meters) {
			until = min(end, meters[i+1].At)
		}
		length := s.ticks(m)
		n += int((max(0, until-m.At) + length - 1) / length)
	}
	if s.pickup() > 0 {
		n--
	}
	return n
}

// allMeters are the meters from the beginning on, and the end of the last bar.
func (s *Score) allMeters() (meters []midi.Meter, end int64) {
	meters = s.Meters
	if len(meters) == 0 || meters[0].At > 0 {
		meters = append([]midi.Meter{{Count: 4, Unit: 4}}, meters...)
	}
	return meters, max(s.lastEnd(), 1)
}

// Bars are the bars of the piece up to its end, at least one. A change of meter begins a
// bar, and what is left of the last one is a bar of its own.
func (s *Score) Bars() []Bar {
	var all []Bar
	meters, end := s.allMeters()
	pickup := s.pickup()
	number := 1
	if pickup > 0 {
		number = 0
	}
	for i, m := range meters {
		until := end
		if i+1 < len(meters) {
			until = min(end, meters[i+1].At)
		}
		length := s.ticks(m)
		for at := m.At; at < until && len(all) < mostBars; at += length {
			bar := Bar{At: at, Length: length, Meter: m, Number: number}
			if pickup > 0 && at == 0 {
				bar.Meter = meters[1]
			}
			if i+1 < len(meters) { // the next meter may begin within it
				bar.Length = min(length, meters[i+1].At-at)
			}
			all = append(all, bar)
			number++
		}
	}
	return all
}
