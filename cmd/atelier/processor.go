package main

import (
	"fmt"
	"strings"

	"atelier/engine"
)

// processor prints what the device cpu computes with.
func (c *cli) processor(p engine.Processor) {
	c.say("path     %s of %s", p.Path, strings.Join(p.Paths, ", "))
	c.say("threads  %d", p.Threads)
	c.say("peak     %.1f GFLOP/s in float32, measured now", p.Peak)
	for _, cache := range []struct {
		name  string
		bytes int
	}{{"L1", p.L1}, {"L2", p.L2}} {
		size := "unknown"
		if cache.bytes > 0 {
			size = fmt.Sprintf("%d KiB", cache.bytes>>10)
		}
		c.say("%-7s  %s", cache.name, size)
	}
}
