package source

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// remarks are what a source reports besides its Items, each once.
type remarks struct {
	mu   sync.Mutex
	said []string
}

// note adds a remark unless it is empty.
func (r *remarks) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if line != "" && !slices.Contains(r.said, line) {
		r.said = append(r.said, line)
	}
}

func (r *remarks) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.said)
}

// conversions are the files that were converted from other encodings.
type conversions struct {
	mu    sync.Mutex
	files map[string][]string // by encoding
}

func (c *conversions) note(encoding, file string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		c.files = map[string][]string{}
	}
	if !slices.Contains(c.files[encoding], file) {
		c.files[encoding] = append(c.files[encoding], file)
	}
}

func (c *conversions) lines() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, encoding := range slices.Sorted(maps.Keys(c.files)) {
		what := "converted " + c.files[encoding][0]
		if n := len(c.files[encoding]); n > 1 {
			what = fmt.Sprintf("converted %d files such as %s", n, c.files[encoding][0])
		}
		lines = append(lines, fmt.Sprintf("%s to UTF-8 from %s", what, encoding))
	}
	return lines
}
