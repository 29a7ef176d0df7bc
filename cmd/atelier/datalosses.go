package main

import (
	"context"

	"atelier/data/store"
)

// namedLosses is how many of what a source dropped for one reason are named.
const namedLosses = 5

// losses names what the sources of a version dropped, such as rows of tables, and says
// how many Items have no label where others have.
func (c *cli) losses(ctx context.Context, v *store.Version) error {
	m := v.Manifest()
	if n := m.Counts.Unlabelled(); n > 0 {
		c.say("without label: %d Items, though others have one", n)
	}
	lost := map[string]int{} // by the sources, by reason
	for _, s := range m.Sources {
		for reason, n := range s.Dropped {
			lost[reason] += n
		}
	}
	if len(lost) == 0 {
		return nil
	}
	cleaner := map[string]bool{}
	for _, s := range m.Steps {
		cleaner[s.Use] = true
	}
	named := map[string]int{}
	for d, err := range v.Drops(ctx) {
		if err != nil {
			return err
		}
		if reason := d.Drop.Reason; d.Name != "" && !cleaner[d.Drop.By] && named[reason] < namedLosses {
			named[reason]++
			c.say("dropped %s: %v", d.Name, &d.Drop)
			if more := lost[reason] - namedLosses; named[reason] == namedLosses && more > 0 {
				c.say("dropped %d more: %s; atelier data report %s shows examples", more, reason, v.Ref())
			}
		}
	}
	return nil
}
