package bench

import (
	"context"
	"fmt"
)

func init() {
	Suites.Add("evidence", "what can be checked about runs and works: labels, watermarks and signatures, and what is measured of runs",
		func() Suite { return &Evidence{Pictures: 200, Unmarked: 10_000} })
}

// Evidence measures what can be checked about runs and works.
type Evidence struct {
	Only     []string `help:"the parts to measure; all if empty"`
	Photos   string   `help:"folder of photos that watermarks are measured on, besides those that come with the program; if empty, photos-train of the mirror"`
	Pictures int      `help:"number of watermarked pictures; the bars are those of 200"`
	Unmarked int      `help:"number of pictures without a watermark that one is looked for in; the bar is that of 10000"`
}

var evidenceParts = suiteParts[*Evidence]{{"inside", measureInside}, {"labels", (*Evidence).labels}, {"runs", measureRuns}, {"watermark", (*Evidence).watermarks}}

// Check reports a setting that is out of range.
func (s *Evidence) Check() error {
	if err := evidenceParts.check(s.Only); err != nil {
		return err
	}
	if s.Pictures < 1 || s.Unmarked < 1 {
		return fmt.Errorf("want at least 1 picture with and without a watermark, got %d and %d", s.Pictures, s.Unmarked)
	}
	return nil
}

// Run implements [Suite].
func (s *Evidence) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return evidenceParts.run(ctx, on, "evidence", s, s.Only, emit)
}
