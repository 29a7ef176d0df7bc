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
		func() Suite { return &Evidence{Pictures: 200, Unmarked: 10_000} })
}

// Evidence measures what can be checked about runs and works.
type Evidence struct {
	Only     []string `help:"which parts to run; all if empty"`
	Photos   string   `help:"folder of photos that watermarks are measured on, besides those that come with the program; if empty, photos-train of the mirror"`
	Pictures int      `help:"number of watermarked pictures; the bars are those of 200"`
	Unmarked int      `help:"number of pictures without a watermark that one is looked for in; the bar is that of 10000"`
}

// An evidencePart is a part of the suite. Each is in files of its own and adds itself in init.
type evidencePart struct {
	name    string
	measure func(s *Evidence, ctx context.Context, on *Machine, emit func(Row)) error
}

var evidenceParts []evidencePart

// Check reports a setting that is out of range.
func (s *Evidence) Check() error {
	var names []string
	for _, p := range evidenceParts {
		names = append(names, p.name)
	}
	slices.Sort(names)
	if err := checkOnly(s.Only, names, "part"); err != nil {
		return err
	}
	if s.Pictures < 1 || s.Unmarked < 1 {
		return fmt.Errorf("want at least 1 picture with and without a watermark, got %d and %d", s.Pictures, s.Unmarked)
	}
	return nil
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
		if err := p.measure(s, ctx, on, emit); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}
