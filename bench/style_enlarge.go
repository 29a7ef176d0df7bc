package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"

	"atelier/app"
	"atelier/data"
	"atelier/internal/picture"
)

// enlarging are what photos are enlarged by, in the suite.
const (
	enlargingModel = "esrgan-slim-4x"
	enlargingTimes = 4
)

// enlarge measures enlarging: photos that were reduced four times are enlarged again, by the network
// and by Lanczos.
func (s *Style) enlarge(ctx context.Context, on *Machine, emit func(Row)) error {
	if !slices.Contains(weightsAt(on.Home), enlargingModel) {
		on.Tell(fmt.Sprintf("%s is not measured: add it with atelier weights add %[1]s --mirror FOLDER", enlargingModel))
		return nil
	}
	var gain, bands float64
	n := 0
	for _, name := range landscapes[:min(len(landscapes), s.Cases)] {
		truth, err := photo(name, 480)
		if err != nil {
			return err
		}
		size := truth.Rect.Size()
		truth = cutTo(truth, image.Pt(size.X/enlargingTimes*enlargingTimes, size.Y/enlargingTimes*enlargingTimes))
		small := image.NewNRGBA(image.Rectangle{Max: truth.Rect.Max.Div(enlargingTimes)})
		draw.CatmullRom.Scale(small, small.Rect, truth, truth.Rect, draw.Src, nil)
		var scores, details [2]float64
		for k, model := range []string{"lanczos", enlargingModel} {
			got, err := enlargedBy(ctx, on, small, model)
			if err != nil {
				return err
			}
			scores[k], details[k] = psnrOf(got, truth), detail(got)/detail(truth)
			if err := lookAt(s.Look, fmt.Sprintf("enlarge-%s-%s", name, model), got); err != nil {
				return err
			}
		}
		gain, bands, n = gain+scores[1]-scores[0], bands+details[1]/details[0], n+1
	}
	emit(Row{Name: enlargingModel + ", PSNR above Lanczos, photos reduced four times", Value: gain / float64(n), Unit: "dB", N: n, Holds: true})
	emit(notBelow(enlargingModel+", differences of neighbours, of Lanczos'", bands/float64(n), "", 1, n))
	img, err := photo("mountain-path", 512)
	if err != nil {
		return err
	}
	img = cutTo(img, image.Pt(256, 256))
	used := processorSeconds()
	if _, err := enlargedBy(ctx, on, img, enlargingModel); err != nil {
		return err
	}
	emit(notAbove(enlargingModel+", processor time of 256² to 1024², with opening and encoding", processorSeconds()-used, "s", 1.5, 1))
	return nil
}

// enlargedBy runs the app.
func enlargedBy(ctx context.Context, on *Machine, img *image.NRGBA, model string) (out *image.NRGBA, err error) {
	b, err := picture.PNG.Encode(img)
	if err != nil {
		return nil, err
	}
	env := &app.Env{Studio: on.Studio, Emit: func(it data.Item) (err error) { out, err = decoded(it.Bytes); return err }}
	a := &app.Enlarge{Picture: app.File{Name: "photo.png", Bytes: b}, Times: enlargingTimes, Model: model}
	return out, app.Run(ctx, a, env)
}

// weightsAt are the names of the weights in a home folder.
func weightsAt(home string) (names []string) {
	folders, _ := filepath.Glob(filepath.Join(home, "weights", "*"))
	for _, f := range folders {
		names = append(names, filepath.Base(f))
	}
	return names
}

// cutTo is the upper left part of a picture.
func cutTo(img *image.NRGBA, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		copy(out.Pix[y*out.Stride:][:4*size.X], img.Pix[y*img.Stride:])
	}
	return out
}

// psnrOf is the ratio of the largest square to the mean square of the differences of the colours, in dB.
func psnrOf(a, b *image.NRGBA) float64 {
	sum, n := 0., 0
	for i := range a.Pix {
		if i%4 == 3 {
			continue
		}
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum, n = sum+d*d, n+1
	}
	return 10 * math.Log10(255*255*float64(n)/max(sum, 1))
}

// detail is the mean difference of neighbours.
func detail(img *image.NRGBA) float64 {
	within, _ := steps(img, slices.Repeat([]bool{true}, img.Rect.Dx()*img.Rect.Dy()), img.Rect.Dx())
	return within
}
