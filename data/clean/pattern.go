package clean

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used: most runs of
// the program use none of them.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
