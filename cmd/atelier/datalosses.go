package main

import (
	"context"
	"fmt"

	"atelier/data/library"
	"atelier/data/store"
)

// namedLosses is how many of what was dropped for one reason are named.
const namedLosses = 5

// losses names what the sources of a version and its cleaners dropped, by reason, and
// says how many Items have no label where others have, and how many duplicates told
// something else than what stays.
func (c *cli) losses(ctx context.Context, v *store.Version) error {
	if n := v.Manifest().Counts.Unlabelled(); n > 0 {
		c.say("without label: %d Items, though others have one", n)
	}
	var reasons []string // in the order of the first of each
	count, first := map[string]int{}, map[string][]string{}
	labels, captions := 0, 0
	for d, err := range v.Drops(ctx) {
		if err != nil {
			return err
		}
		if d.Name == "" {
			continue // it is forgotten
		}
		reason := d.Drop.Reason
		if count[reason]++; count[reason] == 1 {
			reasons = append(reasons, reason)
		}
		if len(first[reason]) < namedLosses {
			first[reason] = append(first[reason], fmt.Sprintf("dropped %s: %v", d.Name, &d.Drop))
		}
		label, caption := library.ToldOtherwise(&d.Drop)
		if label {
			labels++
		}
		if caption {
			captions++
		}
	}
	for _, reason := range reasons {
		for _, line := range first[reason] {
			c.say("%s", line)
		}
		if more := count[reason] - namedLosses; more > 0 {
			c.say("dropped %d more: %s; atelier data report %s shows examples", more, reason, v.Ref())
		}
	}
	c.toldOtherwise(labels, "label")
	c.toldOtherwise(captions, "caption")
	return nil
}

// toldOtherwise says how many duplicates told something else than what stays.
func (c *cli) toldOtherwise(n int, what string) {
	switch n {
	case 0:
	case 1:
		c.say("1 duplicate had another %s", what)
	default:
		c.say("%d duplicates had another %s", n, what)
	}
}
