package main

import (
	"context"
	"fmt"

	"atelier/data/library"
	"atelier/data/store"
)

// namedLosses is the number of dropped works named per reason.
const namedLosses = 5

// losses prints what sources and cleaners dropped, by reason, how many Items have no label
// where others have, and how many dropped duplicates had different metadata.
func (c *cli) losses(ctx context.Context, v *store.Version) error {
	if n := v.Manifest().Counts.Unlabelled(); n > 0 {
		c.say("%d Items have no label, though others have one", n)
	}
	var reasons []string // in the order of the first of each
	count, first := map[string]int{}, map[string][]string{}
	labels, captions, near := 0, 0, 0
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
			if d.Drop.By == "near-texts" {
				near++
			}
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
	if near > 0 {
		c.warn(v.Ref(), fmt.Sprintf("texts of other classes are near duplicates, and were dropped: %d; short texts that differ in one word may well be works of their own: to keep them, use a pipeline without near-texts (--clean)", near))
	}
	return nil
}

// toldOtherwise prints how many dropped duplicates had different metadata.
func (c *cli) toldOtherwise(n int, what string) {
	switch n {
	case 0:
	case 1:
		c.say("1 dropped duplicate had a different %s", what)
	default:
		c.say("%d dropped duplicates had a different %s", n, what)
	}
}
