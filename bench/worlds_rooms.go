package bench

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"atelier/internal/sphere"
	"atelier/model/patch"
)

func init() {
	addWorlds("panorama", panoramas)
}

// The measured panoramas.
const (
	panoramaWidth = 768 // in pixels
	panoramaSeeds = 2   // of each photo
	nearSeam      = 32  // columns on each side of the seam
	photoSide     = 512
)

// scenes are the photos of places, of which panoramas are made, and things those of what is cut out.
var (
	scenes = []string{"autumn-hills", "dandelions", "forest-stream", "mountain-path", "pagoda", "rocket"}
	things = []string{"astronaut", "cat", "coffee", "fig-bowl", "paint-brushes", "raccoon"}
)

// panoramas measures panoramas of photos: how much their colours change across the seam and
// around the poles, as shares of what they change elsewhere.
func panoramas(ctx context.Context, on *Machine, emit func(Row)) error {
	m, err := anyMatcher(on)
	if err != nil {
		return err
	}
	var across, within, near, rank, poles, elsewhere float64
	n := 0
	for _, name := range slices.Concat(scenes, things) {
		img, err := photo(name, photoSide)
		if err != nil {
			return err
		}
		for seed := range uint64(panoramaSeeds) {
			around, err := patch.Around(ctx, m, img, patch.Surrounding{Width: panoramaWidth, View: 120, Horizon: 0.5, Seed: 1 + seed}, nil)
			if err != nil {
				return err
			}
			a, w := patch.Seam(around.NRGBA)
			less, beside := besideSeam(around.NRGBA)
			across, within, near, rank, n = across+a, within+w, near+beside, rank+less, n+1
			p, e := poleChanges(around)
			poles, elsewhere = poles+p, elsewhere+e
			on.Tell(fmt.Sprintf("panorama of %s: the seam changes by %.2f levels, columns within by %.2f", name, a, w))
		}
	}
	emit(between("panorama, gradient across the seam over that of columns within", across/within, "", 0.9, 1.1, n))
	emit(between("panorama, gradient across the seam over that of 32 columns on each side of it", across/near, "", 0.9, 1.1, n))
	emit(between("panorama, share of columns with a smaller gradient than the seam", rank/float64(n), "", 0.25, 0.75, n))
	if err := oneSided(ctx, m, emit); err != nil {
		return err
	}
	emit(between("panorama, gradient within 20° of the poles over that on the other faces of the cube", poles/elsewhere, "", 0.25, 1.5, 2*n))
	return nil
}

// oneSided measures panoramas of drawn pictures that fall to one side: a sloping horizon, a sky that
// grows dark, colours that change across the picture.
func oneSided(ctx context.Context, m patch.Matcher, emit func(Row)) error {
	const w, h, first = 384, 256, (panoramaWidth - panoramaWidth/3) / 2
	worst, n := 0.0, 0
	for _, colour := range []func(x, y float64) color.NRGBA{
		func(x, y float64) color.NRGBA {
			if y > 0.3+0.4*x {
				return color.NRGBA{60, 120, 50, 255}
			}
			return color.NRGBA{120, 160, 230, 255}
		},
		func(x, y float64) color.NRGBA { return color.NRGBA{uint8(30 + 200*x), uint8(40 + 150*x), 120, 255} },
		func(x, y float64) color.NRGBA {
			return color.NRGBA{uint8(20 + 110*(x+y)), uint8(20 + 100*(x+y)), 120, 255}
		},
	} {
		img := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			img.SetNRGBA(i%w, i/w, colour(float64(i%w)/w, float64(i/w)/h))
		}
		s := patch.Surrounding{Width: panoramaWidth, View: 120, Horizon: 0.5, Seed: 1}
		around, err := patch.Around(ctx, m, img, s, nil)
		if err != nil {
			return err
		}
		upper, lower := s.Band(img.Rect.Size())
		_, top := around.Place(0, upper*math.Pi/180)
		_, bottom := around.Place(0, lower*math.Pi/180)
		band := around.SubImage(image.Rect(0, int(top), panoramaWidth, int(bottom))).(*image.NRGBA)
		worst, n = max(worst, patch.Steepest(band, first, first+panoramaWidth/3)), n+1
	}
	emit(notAbove("panorama, steepest columns around pictures that fall to one side over those within", worst, "", 1.2, n))
	return nil
}

// besideSeam is the share of pairs of neighbouring columns that differ less than those at the seam,
// and the mean difference of those near to it.
func besideSeam(img *image.NRGBA) (less, near float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	differs := make([]float64, w) // each column from the next
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		for x := range w {
			next := (x + 1) % w
			for c := range 3 {
				differs[x] += math.Abs(float64(row[4*x+c])-float64(row[4*next+c])) / float64(3*h)
			}
		}
	}
	for x, d := range differs[:w-1] {
		if d < differs[w-1] {
			less += 1 / float64(w-1)
		}
		if x < nearSeam || x >= w-1-nearSeam {
			near += d / (2 * nearSeam)
		}
	}
	return less, near
}

// poleChanges is the mean difference of pixels next to each other on the cube map, in the middle of
// the faces above and below, and on the other faces.
func poleChanges(p sphere.Panorama) (poles, elsewhere float64) {
	const side, middle = 128, 23 // 20° to each side of the middle
	for i := range sphere.Faces {
		face, part := p.Face(i, side), image.Rect(0, 0, side, side)
		upright := i == 2 || i == 3
		if upright {
			part = image.Rect(side/2-middle, side/2-middle, side/2+middle, side/2+middle)
		}
		sum := 0.0
		for y := part.Min.Y; y < part.Max.Y; y++ {
			for x := part.Min.X; x < part.Max.X-1; x++ {
				px := face.Pix[y*face.Stride+4*x:]
				for c := range 3 {
					sum += math.Abs(float64(px[c]) - float64(px[4+c]))
				}
			}
		}
		sum /= float64(3 * part.Dy() * (part.Dx() - 1))
		if upright {
			poles += sum / 2
		} else {
			elsewhere += sum / 4
		}
	}
	return poles, elsewhere
}
