package bench

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"time"

	scale "golang.org/x/image/draw"

	"atelier/internal/picture"
	"atelier/model/patch"
)

func init() {
	Suites.Add("patch", "pictures made from one picture: holes filled beside G'MIC and OpenCV where they are installed, variations, sizes, canvases and tiles",
		func() Suite { return &Patch{Side: 256, Peers: true, Cases: 12} })
}

// Patch measures the apps that work on one picture.
type Patch struct {
	Only   []string `help:"the parts to measure; all if empty"`
	Side   int      `help:"longer side of the photos, in pixels; the bars are those of 256"`
	Cases  int      `help:"largest number of cases per work; the targets are for all"`
	Peers  bool     `help:"measure gmic, and OpenCV's Telea by Python, where they are installed"`
	Python string   `help:"the Python that has cv2; looked for if empty, and \"none\" does without"`
	Large  string   `help:"a photo of about 12 megapixels, in which a hole is filled in a separate process; skipped if empty"`
	Look   string   `help:"folder for the results, for inspection"`
}

var patchParts = suiteParts[*Patch]{
	{"inpaint", (*Patch).inpaint}, {"masks", (*Patch).otherMasks}, {"double", (*Patch).double}, {"large", (*Patch).large},
	{"variations", (*Patch).variations}, {"retarget", (*Patch).retarget}, {"extend", (*Patch).extend},
	{"rearrange", (*Patch).rearrange}, {"tile", (*Patch).tile},
}

// Check reports a setting that is out of range.
func (s *Patch) Check() error {
	if err := patchParts.check(s.Only); err != nil {
		return err
	}
	if s.Side < 64 || s.Side > 512 || s.Cases < 1 {
		return fmt.Errorf("want photos of 64 to 512 pixels and at least 1 case, got %d and %d", s.Side, s.Cases)
	}
	return nil
}

// Run implements [Suite].
func (s *Patch) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return patchParts.run(ctx, on, "patch", s, s.Only, emit)
}

// landscapes are the photos for synthesis: landscapes, plants and two of objects.
var landscapes = []string{"autumn-hills", "mountain-path", "forest-stream", "dandelions", "raccoon", "pagoda"}

// some are the first photos, according to the number of cases.
func (s *Patch) some() []string { return landscapes[:min(s.Cases, len(landscapes))] }

// photo is a photo of this suite with a given longer side in pixels.
func photo(name string, side int) (*image.NRGBA, error) {
	b, err := photoFiles.ReadFile("photos/" + name + ".jpg")
	if err != nil {
		return nil, err
	}
	img, err := decoded(b)
	if err != nil {
		return nil, err
	}
	size := img.Rect.Size()
	to := image.Pt(side, (size.Y*side+size.X/2)/size.X)
	if size.Y > size.X {
		to = image.Pt((size.X*side+size.Y/2)/size.Y, side)
	}
	out := image.NewNRGBA(image.Rectangle{Max: to})
	scale.CatmullRom.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out, nil
}

// look writes a picture to the folder for inspection.
func (s *Patch) look(name string, img image.Image) error { return lookAt(s.Look, name, img) }

// lookAt writes a picture to a folder, if one is named.
func lookAt(folder, name string, img image.Image) error {
	if folder == "" {
		return nil
	}
	b, err := picture.PNG.Encode(img)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+".png"), b, 0o666)
}

// timed is the shortest of three times of some work, in seconds.
func timed(work func() error) (float64, error) {
	best := 0.
	for i := range 3 {
		began := time.Now()
		if err := work(); err != nil {
			return 0, err
		}
		if took := time.Since(began).Seconds(); i == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// notAbove and notBelow are rows with a limit.
func notAbove(name string, value float64, unit string, bar float64, n int) Row {
	return Row{Name: name, Value: value, Unit: unit, Bar: fmt.Sprintf("<= %g", bar), Holds: value <= bar, N: n}
}

func notBelow(name string, value float64, unit string, bar float64, n int) Row {
	return Row{Name: name, Value: value, Unit: unit, Bar: fmt.Sprintf(">= %g", bar), Holds: value >= bar, N: n}
}

func between(name string, value float64, unit string, low, high float64, n int) Row {
	return Row{Name: name, Value: value, Unit: unit, Bar: fmt.Sprintf("%g to %g", low, high), Holds: value >= low && value <= high, N: n}
}

// anyMatcher measures patches.
func anyMatcher(on *Machine) (patch.Matcher, error) {
	if on.Studio == nil || on.Matcher == nil {
		return nil, fmt.Errorf("this program was built without a patch matcher")
	}
	return on.Matcher, nil
}
