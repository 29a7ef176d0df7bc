package library

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"atelier/internal/badinput"
)

// errNothing reports that there is nothing to make a version of.
var errNothing = errors.New("no version is made")

// something reports sources without Items, and jobs with nothing left to store.
func (j *job) something(ctx context.Context, s *settlement) error {
	collected, fresh := make([]int, len(j.inputs)), false
	for _, sp := range j.state.Spans {
		collected[sp.Source] += sp.Count
	}
	for i := range j.inputs {
		in := &j.inputs[i]
		fresh = fresh || !in.kept
		if in.kept || collected[i] > lostBy(in) {
			continue
		}
		why := ""
		err := j.walk(ctx, readDescription, func(_ int64, from *input, r *record) error {
			if from == in && r.Drop != nil && why == "" {
				why = fmt.Sprintf(": %d dropped, the first, %s, for %v", lostBy(in), r.Name, r.Drop)
			}
			return nil
		})
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(in.record.Settings, "\n")
		return badinput.Errorf("the source %s (%s) yields nothing%s; %w", in.record.Use, first, why, errNothing)
	}
	if fresh && s.left() == 0 {
		var steps []string
		for _, step := range s.steps {
			if b := bars(step.Dropped, 1); len(b) > 0 {
				steps = append(steps, fmt.Sprintf("%s dropped %d as %s", step.Use, b[0].N, b[0].Name))
			}
		}
		return badinput.Errorf("nothing is left of what was collected (%s); %w", strings.Join(steps, ", "), errNothing)
	}
	return nil
}

// lostBy is the number of Items and rows that a source itself dropped.
func lostBy(in *input) (n int) {
	for reason, dropped := range in.record.Dropped {
		if reason != forgotten.Reason {
			n += dropped
		}
	}
	return n
}

// exceptions describes what the sources lost, though nothing is new.
func (j *job) exceptions(s *settlement) string {
	var but []string
	if s.forgotten > 0 {
		but = append(but, fmt.Sprintf("%d Items that are forgotten", s.forgotten))
	}
	lost := 0
	for i := range j.inputs {
		lost += lostBy(&j.inputs[i])
	}
	if lost > 0 {
		but = append(but, fmt.Sprintf("%d that the source dropped", lost))
	}
	if len(but) == 0 {
		return ""
	}
	return ", but for " + strings.Join(but, " and ")
}
