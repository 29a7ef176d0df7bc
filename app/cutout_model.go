package app

import (
	"context"
	"image"
	"image/color"
	"math"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/cutout"
	"atelier/model/pixelnet"
)

// Where a network is this sure, nothing is looked for.
const (
	surelyOut = 0.1
	surelyIn  = 0.9
)

// found is the trimap of what a network finds: where it is unsure, and near the edge, transparency is
// looked for in the picture itself, which has more pixels than the network sees.
func (a Cutout) found(_ context.Context, env *Env, g *given) ([]uint8, error) {
	r, err := env.network(a.Model, pixelnet.Cutout)
	if err != nil {
		return nil, err
	}
	seen, size := r.Size(), g.size()
	mask, err := r.Draw(planesOf(resized(g.Pixels, seen), []int{0, 1, 2}, r.Range))
	if err != nil {
		return nil, err
	}
	small := image.NewNRGBA(image.Rectangle{Max: image.Pt(mask.Width, mask.Height)})
	any := false
	for i, v := range mask.Values {
		level := uint8(min(max(v, 0), 1)*255 + 0.5)
		small.SetNRGBA(i%mask.Width, i/mask.Width, color.NRGBA{level, level, level, 255})
		any = any || v >= 0.5
	}
	if !any {
		return nil, badinput.Errorf("%s: the network finds nobody; show where the subject is with --box", g.file)
	}
	large := resized(small, size)
	inside, unsure := make([]bool, size.X*size.Y), make([]bool, size.X*size.Y)
	for i := range inside {
		p := float64(large.Pix[4*i]) / 255
		inside[i], unsure[i] = p >= 0.5, p > surelyOut && p < surelyIn
	}
	edge := a.Edge
	if edge > 0 {
		edge = max(edge, int(math.Ceil(float64(size.X)/float64(mask.Width))))
	}
	trimap := cutout.Band(inside, size.X, edge)
	for i := range trimap {
		if unsure[i] && edge > 0 {
			trimap[i] = cutout.Unknown
		}
	}
	return trimap, nil
}

// checkModel refuses other ways of showing the subject beside a network.
func (a Cutout) checkModel(marked bool) error {
	if a.Model != "" && (marked || len(a.Drop) > 0 || a.Trimap.Given()) {
		return registry.Unfit("model", "it finds the subject: want it without box, keep, drop, marks and trimap")
	}
	return nil
}

// checkOverlap refuses boxes that are subject and background at once.
func (a Cutout) checkOverlap() error {
	keep, err := parseBoxes("keep", a.Keep)
	if err != nil {
		return err
	}
	drop, err := parseBoxes("drop", a.Drop)
	if err != nil {
		return err
	}
	for _, k := range keep {
		for _, d := range drop {
			if both := k.Intersect(d); !both.Empty() {
				return badinput.Errorf("drop: %d,%d,%d,%d is kept as well: want boxes of keep and drop that do not overlap", both.Min.X, both.Min.Y, both.Dx(), both.Dy())
			}
		}
	}
	return nil
}
