package statistics

import (
	"fmt"
	"strconv"
	"strings"
)

// Lines describes the statistics, a line per kind of Item.
func (s *Set) Lines() (lines []string) {
	if p := s.Pictures; p != nil {
		lines = append(lines, fmt.Sprintf("%s: width %s, height %s, mean %s, deviation %s",
			s.measured(p.N, "image/", "pictures"), p.Width, p.Height, channels(p.Mean), channels(p.Deviation)))
	}
	if t := s.Texts; t != nil {
		lines = append(lines, fmt.Sprintf("%s: %s characters", s.measured(t.N, "text/", "texts"), t.Characters))
	}
	if m := s.Music; m != nil {
		lines = append(lines, fmt.Sprintf("%s: %s s, %s notes, %d strokes on drums in all", s.measured(m.N, "audio/midi", "pieces of music"), m.Seconds, m.Notes, m.Drums))
	}
	return lines
}

// measured says how many Items of a kind were measured, and of how many, if they are a sample:
// minimum and maximum are then those of the sample.
func (s *Set) measured(n int, kind, name string) string {
	all := 0
	for mediaType, items := range s.MediaTypes {
		if strings.HasPrefix(mediaType, kind) {
			all += items
		}
	}
	if n < all {
		return fmt.Sprintf("a sample of %d of %d %s", n, all, name)
	}
	return fmt.Sprintf("%d %s", n, name)
}

// String formats the range of a spread, and its median if it is not a single value.
func (s Spread) String() string {
	if s.Least == s.Most {
		return strconv.Itoa(s.Least)
	}
	return fmt.Sprintf("%d to %d (median %d)", s.Least, s.Most, s.Median)
}

// channels formats red, green and blue, or one number for grey.
func channels(of [3]float64) string {
	if of[0] == of[1] && of[1] == of[2] {
		return fmt.Sprint(of[0])
	}
	return strings.Trim(fmt.Sprint(of), "[]")
}
