package bench

import (
	"fmt"
	"strings"
)

// A ChildError says how a child process ended while the suite still needed it.
type ChildError struct {
	// Command is the command, with its arguments.
	Command []string
	// How says how it ended.
	How error
	// Said is its standard error: for a panic, including the stack.
	Said string
}

// Error is one line: the command, how it ended, and the relevant line of its output.
func (e *ChildError) Error() string {
	text := fmt.Sprintf("%s ended: %v", strings.Join(e.Command, " "), e.How)
	if why := e.why(); why != "" {
		text += ": " + why
	}
	return text
}

// Unwrap returns the exit error.
func (e *ChildError) Unwrap() error { return e.How }

// why is the relevant line: the first of a Go panic, the last of anything else, such as a Python
// traceback.
func (e *ChildError) why() string {
	lines := strings.Split(strings.TrimSpace(e.Said), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
