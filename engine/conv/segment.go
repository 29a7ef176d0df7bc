package conv

// A segment is a set of outputs and taps along one spatial axis that meet input values regularly:
// output o and tap t meet position place + o*perOut + t*perTap, which may be beyond the input's
// edges. Both are counted from the segment's first ones, in its steps.
type segment struct {
	out, outStep, outs    int
	tap, tapStep, taps    int
	place, perOut, perTap int
	in                    int // positions 0 to in-1 hold values
}

// mostClasses is the largest number of segments made of one with wide padding.
const mostClasses = 16

// segments divides an axis so that no tap falls between the values of a dilated input. Outputs that
// no tap meets are in segments without taps.
func (s spatial) segments() []segment {
	outPeriod := s.inputDilation / gcd(s.stride, s.inputDilation)
	tapPeriod := s.inputDilation / gcd(s.kernelDilation, s.inputDilation)
	var all []segment
	for o := range min(outPeriod, s.out) {
		seg := segment{out: o, outStep: outPeriod, outs: steps(s.out-o, outPeriod), tapStep: tapPeriod, in: s.in,
			perOut: outPeriod * s.stride / s.inputDilation, perTap: tapPeriod * s.kernelDilation / s.inputDilation}
		for k := range min(tapPeriod, s.taps) {
			if at := o*s.stride + k*s.kernelDilation - s.before; at%s.inputDilation == 0 {
				seg.tap, seg.taps, seg.place = k, steps(s.taps-k, tapPeriod), at/s.inputDilation
				break
			}
		}
		all = append(all, seg.trimmed().classes()...)
	}
	return all
}

// meetings is the range of outputs that meet values at tap t.
func (s segment) meetings(t int) (lo, hi int) {
	return within(s.place+t*s.perTap, s.perOut, s.outs, s.in)
}

// reach is the range of taps that meet values at output o.
func (s segment) reach(o int) (lo, hi int) {
	return within(s.place+o*s.perOut, s.perTap, s.taps, s.in)
}

// within is the range of i < n for which at + i*step is in [0, limit). step is at least 1; for an
// empty range lo is hi.
func within(at, step, n, limit int) (lo, hi int) {
	if at < 0 {
		lo = min((-at+step-1)/step, n)
	}
	if at < limit {
		hi = min((limit-1-at)/step+1, n)
	}
	return lo, max(lo, hi)
}

// trimmed drops leading and trailing taps that meet no value at any output.
func (s segment) trimmed() segment {
	meets := func(t int) bool {
		lo, hi := s.meetings(t)
		return lo < hi
	}
	for s.taps > 0 && !meets(s.taps-1) {
		s.taps--
	}
	for s.taps > 0 && !meets(0) {
		s = s.from(1)
	}
	return s
}

// from drops the first taps.
func (s segment) from(tap int) segment {
	s.tap += tap * s.tapStep
	s.place += tap * s.perTap
	s.taps -= tap
	return s
}

// classes divides a segment in which most outputs have taps beyond an edge: outputs with the same
// valid taps form a segment of those taps.
func (s segment) classes() []segment {
	meetings := 0
	for t := range s.taps {
		lo, hi := s.meetings(t)
		meetings += hi - lo
	}
	if 2*meetings > s.outs*s.taps {
		return []segment{s}
	}
	var all []segment
	for o := 0; o < s.outs; {
		lo, hi := s.reach(o)
		end := o + 1
		for end < s.outs {
			if l, h := s.reach(end); l != lo || h != hi {
				break
			}
			end++
		}
		c := s
		c.out, c.outs, c.place = s.out+o*s.outStep, end-o, s.place+o*s.perOut
		c = c.from(lo)
		c.taps = hi - lo
		if all = append(all, c); len(all) > mostClasses {
			return []segment{s}
		}
		o = end
	}
	return all
}

// bounded reports whether some output and tap of the segment meet no value.
func (s segment) bounded() bool {
	return s.place < 0 || s.place+(s.outs-1)*s.perOut+(s.taps-1)*s.perTap >= s.in
}

// steps is the number of multiples of step below n: 0, step, ...
func steps(n, step int) int { return (n + step - 1) / step }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
