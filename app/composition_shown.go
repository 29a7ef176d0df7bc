package app

import (
	"bytes"
	"slices"
	"strings"
)

// stopAt is the position of the first stop string in the generated text, -1 if there is none.
func (c *composition) stopAt(d *draft) int {
	first := -1
	from := max(d.started, d.shown)
	for _, stop := range c.allStops() {
		if at := bytes.Index(d.Text[from:], []byte(stop)); at >= 0 && (first < 0 || from+at < first) {
			first = from + at
		}
	}
	return first
}

// allStops are the strings that end a section.
func (c *composition) allStops() []string {
	if len(c.headings) == 0 {
		return c.stops
	}
	return append(slices.Clip(c.stops), nextHeading)
}

// certain is the length of a text that cannot be part of a stop string any more.
func (c *composition) certain(d *draft) int {
	if d.done {
		return len(d.Text)
	}
	n := len(d.Text)
	for _, stop := range c.allStops() {
		for k := min(len(stop)-1, len(d.Text)-d.started); k > 0; k-- {
			if strings.HasSuffix(string(d.Text[len(d.Text)-k:]), stop[:k]) {
				n = min(n, len(d.Text)-k)
				break
			}
		}
	}
	return n
}

// reveal displays new text of the first incomplete draft, and of all before it.
func (c *composition) reveal(drafts []*draft) {
	if c.show == nil {
		return
	}
	for i, d := range drafts {
		if n := c.certain(d); n > d.shown {
			c.show(string(d.Text[d.shown:n]))
			d.shown = n
		}
		if !d.done {
			return
		}
		if i+1 < len(drafts) && !drafts[i+1].parted {
			drafts[i+1].parted = true
			c.show(c.rule)
		}
	}
}
