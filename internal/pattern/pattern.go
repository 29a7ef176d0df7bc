// Package pattern compiles regular expressions on first use: most runs of the program use few of
// them, and compiling all would slow down every start.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression. Like [regexp.MustCompile], it panics
// if the expression is invalid, but at the first call.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
