package bench

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"time"

	"atelier/internal/animation"
	"atelier/internal/picture"
)

func init() { addWorlds("film", film) }

// film measures film files: how many frames of a photo that is panned over come back as they were
// from the formats that are lossless.
func film(_ context.Context, _ *Machine, emit func(Row)) error {
	img, err := photo("mountain-path", 160)
	if err != nil {
		return err
	}
	var frames []image.Image
	for i := range 12 {
		frames = append(frames, picture.OnWhite(panned(img, 2*i)))
	}
	same := 0
	for _, f := range []animation.Format{animation.APNG, animation.WebP} {
		file, err := f.Encode(frames, 80*time.Millisecond)
		if err != nil {
			return err
		}
		_, _, all, err := animation.Frames(file)
		if err != nil {
			return err
		}
		i := 0
		for m, err := range all {
			if err != nil {
				return err
			}
			if bytes.Equal(picture.NRGBA(m).Pix, picture.NRGBA(frames[i]).Pix) {
				same++
			}
			i++
		}
	}
	emit(notBelow("film, frames of lossless files that come back as they were", float64(same), "", 24, 24))
	return nil
}

// panned is a square of a picture from a column on.
func panned(img *image.NRGBA, left int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	draw.Draw(out, out.Rect, img, image.Pt(left, 0), draw.Src)
	return out
}
