package statistics

import (
	"fmt"
	"strconv"
	"strings"
)

// Lines tells people what was measured, a line for each kind of Item.
func (s *Set) Lines() (lines []string) {
	if p := s.Pictures; p != nil {
		lines = append(lines, fmt.Sprintf("%d pictures: width %s, height %s, mean %s, deviation %s",
			p.N, p.Width, p.Height, channels(p.Mean), channels(p.Deviation)))
	}
	if t := s.Texts; t != nil {
		lines = append(lines, fmt.Sprintf("%d texts: %s characters", t.N, t.Characters))
	}
	if m := s.Music; m != nil {
		lines = append(lines, fmt.Sprintf("%d pieces of music: %s s, %s notes, %d strokes on drums in all", m.N, m.Seconds, m.Notes, m.Drums))
	}
	return lines
}

// String tells the range of a spread, and its median where it is one.
func (s Spread) String() string {
	if s.Least == s.Most {
		return strconv.Itoa(s.Least)
	}
	return fmt.Sprintf("%d to %d (median %d)", s.Least, s.Most, s.Median)
}

// channels writes red, green and blue, or one number for grey.
func channels(of [3]float64) string {
	if of[0] == of[1] && of[1] == of[2] {
		return fmt.Sprint(of[0])
	}
	return strings.Trim(fmt.Sprint(of), "[]")
}
