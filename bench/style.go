package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("style", "pictures cut out, put together, painted and enlarged: beside OpenCV and the papers' methods where Python has them, and beside the references of weights; resumes where it was interrupted, with kept=FILE",
		func() Suite { return &Style{Side: 320, Cases: 12} })
}

// Style measures the applications for pictures that are cut out, put together and painted.
type Style struct {
	Only   []string `help:"the works to measure; all of them if empty"`
	Side   int      `help:"longer side of the photos, in pixels; the bars are those of 320"`
	Cases  int      `help:"how many cases of each work at most; the bars are those of all"`
	Python string   `help:"the Python that has cv2, numpy and scipy, by which OpenCV and the papers' methods are measured; looked for if empty, and \"none\" does without"`
	Set12  string   `help:"folder of the twelve grey pictures by which dncnn-25 is measured; it is left out if empty"`
	Like   []string `help:"paintings by which pictures are painted; they are left out if there are none"`
	Runs   []string `help:"runs of the recipe style that are measured, by a network that they were not trained by (nsfwjs-mobilenet, if it was added); none if it is empty"`
	Look   string   `help:"folder that what was made is written to, to look at"`
	Kept   string   `help:"file to which the rows of each work are added when it is done; a work that is in it with these settings is not measured again"`

	Patch `toml:"-"` // whose folder to look at is ours
}

// A styleWork is one kind of thing that is measured.
type styleWork struct {
	name    string
	measure func(s *Style, ctx context.Context, on *Machine, emit func(Row)) error
}

var styleWorks = []styleWork{
	{"grabcut", (*Style).grabCut}, {"matting", (*Style).matting}, {"collage", (*Style).collage},
	{"patches", (*Style).patches}, {"networks", (*Style).networks}, {"denoise", (*Style).denoise},
	{"enlarge", (*Style).enlarge}, {"painted", (*Style).painted},
}

// Check reports a setting that is out of range.
func (s *Style) Check() error {
	var names []string
	for _, w := range styleWorks {
		names = append(names, w.name)
	}
	if err := checkOnly(s.Only, names, "work"); err != nil {
		return err
	}
	if s.Side < 64 || s.Side > 512 || s.Cases < 1 {
		return fmt.Errorf("want photos of 64 to 512 pixels and at least 1 case, got %d and %d", s.Side, s.Cases)
	}
	return nil
}

// Run implements [Suite].
func (s *Style) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	had := kept{s.Kept, fmt.Sprint(s.Side, s.Cases, s.Python, s.Set12, s.Like, s.Runs), on.Studio.Program}
	for _, w := range styleWorks {
		if len(s.Only) > 0 && !slices.Contains(s.Only, w.name) {
			continue
		}
		if err := had.once(w.name, emit, func(emit func(Row)) error { return w.measure(s, ctx, on, emit) }); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

// python is the Python that has OpenCV, numpy and scipy; empty if there is none or none is wanted.
func (s *Style) python(ctx context.Context, on *Machine) string {
	return findPython(ctx, on, s.Python, "cv2, numpy, scipy", "python3-opencv and python3-scipy")
}
