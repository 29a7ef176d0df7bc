package source

import (
	"fmt"
	"slices"
	"strings"

	"atelier/data"
)

// A claim is what a row of a table says of a work.
type claim struct {
	facts
	file string
	row  lost
}

// A hearing is what is known of a work from claims, and how.
type hearing struct {
	from     map[string]string // the row that told a fact
	loose    map[string]bool   // facts that are known by the bare name of the file alone
	disputed map[string]bool   // facts that rows say different things of
}

// The facts of which several may be true: the first is taken.
const captionFact = "caption"

// by lists the facts by name.
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

// tell notes a claim: one that names the path of a work now, one that has its bare name
// alone when all of those are known, which it can only complete.
func (s *survey) tell(c claim, exact bool) {
	if !exact {
		s.loose = append(s.loose, c)
		return
	}
	s.hear(c, false)
}

// hearLoose notes the claims that wait.
func (s *survey) hearLoose() {
	for _, c := range s.loose {
		s.hear(c, true)
	}
	s.loose = nil
}

// hear completes what is known of a work with what a row says. Where two rows
// contradict each other and none names the work better, neither is believed.
func (s *survey) hear(c claim, loose bool) {
	known := s.facts[c.file]
	h := s.heard[c.file]
	if h == nil {
		h = &hearing{map[string]string{}, map[string]bool{}, map[string]bool{}}
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
