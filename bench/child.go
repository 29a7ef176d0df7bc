package bench

import (
	"fmt"
	"strings"
)

// A ChildError says how a process ended that a suite had started and still needed.
type ChildError struct {
	// Command is the process's, with its arguments.
	Command []string
	// How says how it ended.
	How error
	// Said is all that it wrote to its standard error: of a panic, where it happened.
	Said string
}

// Error is one line: what ended, how, and the line that says why.
func (e *ChildError) Error() string {
	text := fmt.Sprintf("%s ended: %v", strings.Join(e.Command, " "), e.How)
	if why := e.why(); why != "" {
		text += ": " + why
	}
	return text
}

// Unwrap returns how the process ended.
func (e *ChildError) Unwrap() error { return e.How }

// why is the line that says why: the first of a panic of Go's, the last of anything
// else, such as a traceback of Python's.
func (e *ChildError) why() string {
	lines := strings.Split(strings.TrimSpace(e.Said), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
