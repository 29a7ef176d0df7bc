package source

import (
	"fmt"
	"slices"
	"strings"

	"atelier/data"
)

// A claim is what a row of a table states about a work.
type claim struct {
	facts
	file string
	row  lost
}

// evidence collects the claims about a work.
type evidence struct {
	from     map[string]string // the row that stated each fact
	loose    map[string]bool   // facts known only by the bare file name
	disputed map[string]bool   // facts on which rows disagree
}

// Facts that may have several values: the first is taken.
const captionFact = "caption"

// by maps names to facts.
func (f *facts) by() []namedFact {
	return []namedFact{
		{"label", &f.label}, {captionFact, &f.caption}, {"group", &f.group}, {"part", (*string)(&f.part)},
		{"licence", &f.origin.Licence}, {"creator", &f.origin.Creator}, {"attribution", &f.origin.Attribution},
	}
}

type namedFact struct {
	name  string
	value *string
}

// addClaim records a claim. One that names the full path of a work is used at once; one with only a
// bare name waits for all of those and can only complete them.
func (s *survey) addClaim(c claim, exact bool) {
	if !exact {
		s.loose = append(s.loose, c)
		return
	}
	s.merge(c, false)
}

// resolveLoose resolves the waiting claims.
func (s *survey) resolveLoose() {
	for _, c := range s.loose {
		s.merge(c, true)
	}
	s.loose = nil
}

// merge completes the facts of a work with those of a row. Where two rows contradict each other and
// neither names the work more precisely, both are ignored.
func (s *survey) merge(c claim, loose bool) {
	known := s.facts[c.file]
	h := s.heard[c.file]
	if h == nil {
		h = &evidence{map[string]string{}, map[string]bool{}, map[string]bool{}}
		s.heard[c.file] = h
	}
	var wrong []string
	said := c.by()
	for i, f := range known.by() {
		switch new, old := *said[i].value, *f.value; {
		case new == "" || new == old:
		case h.disputed[f.name]:
			wrong = append(wrong, fmt.Sprintf("%s %s, of which other rows say something else", f.name, new))
		case old == "":
			*f.value, h.from[f.name], h.loose[f.name] = new, c.row.place, loose
		case f.name == captionFact:
			wrong = append(wrong, fmt.Sprintf("another caption than %s, which is taken", h.from[f.name]))
		case loose && !h.loose[f.name]:
			wrong = append(wrong, fmt.Sprintf("%s %s, and %s, which names its path, says %s", f.name, new, h.from[f.name], old))
		default:
			*f.value, h.disputed[f.name] = "", true
			wrong = append(wrong, fmt.Sprintf("%s %s, and %s says %s; none is taken", f.name, new, h.from[f.name], old))
		}
	}
	s.facts[c.file] = known
	if len(wrong) > 0 {
		reason := "conflict"
		if !slices.ContainsFunc(wrong, func(w string) bool { return !strings.HasPrefix(w, "another ") }) {
			reason = "another caption"
		}
		c.row.drop = data.Dropf(reason, "%s has %s", c.file, strings.Join(wrong, "; "))
		s.lost = append(s.lost, c.row)
	}
}
