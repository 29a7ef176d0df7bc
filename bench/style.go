package bench

import (
	"context"
	"fmt"
)

func init() {
	Suites.Add("style", "pictures cut out, put together, painted and enlarged: beside OpenCV and the papers' methods where Python has them, and beside the references of weights",
		func() Suite { return &Style{Side: 320, Cases: 12} })
}

// Style measures the applications for pictures that are cut out, put together and painted.
type Style struct {
	Only   []string `help:"the parts to measure; all if empty"`
	Side   int      `help:"longer side of the photos, in pixels; the bars are those of 320"`
	Cases  int      `help:"how many cases of each work at most; the bars are those of all"`
	Python string   `help:"the Python that has cv2, numpy and scipy, by which OpenCV and the papers' methods are measured; looked for if empty, and \"none\" does without"`
	Set12  string   `help:"folder of the twelve grey pictures by which dncnn-25 is measured; it is left out if empty"`
	Like   []string `help:"paintings by which pictures are painted; they are left out if there are none"`
	Runs   []string `help:"runs of the recipe style that are measured, by a network that they were not trained by (nsfwjs-mobilenet, if it was added); none if it is empty"`
	Look   string   `help:"folder that what was made is written to, to look at"`

	Patch `toml:"-"` // whose folder to look at is ours
}

var styleParts = suiteParts[*Style]{
	{"grabcut", (*Style).grabCut}, {"matting", (*Style).matting}, {"collage", (*Style).collage},
	{"patches", (*Style).patches}, {"networks", (*Style).networks}, {"denoise", (*Style).denoise},
	{"enlarge", (*Style).enlarge}, {"painted", (*Style).painted},
}

// Check reports a setting that is out of range.
func (s *Style) Check() error {
	if err := styleParts.check(s.Only); err != nil {
		return err
	}
	if s.Side < 64 || s.Side > 512 || s.Cases < 1 {
		return fmt.Errorf("want photos of 64 to 512 pixels and at least 1 case, got %d and %d", s.Side, s.Cases)
	}
	return nil
}

// Run implements [Suite].
func (s *Style) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return styleParts.run(ctx, on, "style", s, s.Only, emit)
}

// python is the Python that has OpenCV, numpy and scipy; empty if there is none or none is wanted.
func (s *Style) python(ctx context.Context, on *Machine) string {
	return findPython(ctx, on, s.Python, "cv2, numpy, scipy", "python3-opencv and python3-scipy")
}
