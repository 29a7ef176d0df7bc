package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("evidence", "what can be checked about runs and works: labels, watermarks and signatures, and what is measured of runs",
		func() Suite { return &Evidence{} })
}

// Evidence measures what can be checked about runs and works.
type Evidence struct {
	Only []string `help:"which parts to run; all if empty"`
}

// An evidencePart is a part of the suite. Each is in files of its own and adds itself in init.
type evidencePart struct {
	name    string
	measure func(ctx context.Context, on *Machine, emit func(Row)) error
}

var evidenceParts []evidencePart

// Check reports a setting that is out of range.
func (s *Evidence) Check() error {
	var names []string
	for _, p := range evidenceParts {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return checkOnly(s.Only, names, "part")
}

// Run implements [Suite].
func (s *Evidence) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	parts := slices.SortedFunc(slices.Values(evidenceParts), func(a, b evidencePart) int { return cmp.Compare(a.name, b.name) })
	for _, p := range parts {
		if len(s.Only) > 0 && !slices.Contains(s.Only, p.name) {
			continue
		}
		if err := p.measure(ctx, on, emit); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}
