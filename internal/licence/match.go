package licence

import "strings"

// Match reports whether a licence, which may be written in any way, fits one of
// the patterns. They are identifiers; a star after a hyphen stands for a version,
// so that CC-BY-* fits CC-BY-4.0 and CC-BY-3.0-DE, but not CC-BY-NC-4.0, which
// grants less. A star elsewhere at the end stands for anything: CC* fits every
// licence of Creative Commons, and * every licence that is known at all.
func Match(patterns []string, licence string) bool {
	id := strings.ToLower(Name(licence))
	if id == "" {
		return false
	}
	for _, p := range patterns {
		p = strings.ToLower(strings.TrimSpace(p))
		start, star := strings.CutSuffix(p, "*")
		rest, found := strings.CutPrefix(id, start)
		switch {
		case !star && strings.ToLower(Name(p)) == id:
			return true
		case !star || !found:
		case !strings.HasSuffix(start, "-") || rest != "" && rest[0] >= '0' && rest[0] <= '9':
			return true
		}
	}
	return false
}
