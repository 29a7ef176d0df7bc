package bench

import (
	"bytes"
	"context"
	"image"
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
		frames = append(frames, picture.NRGBA(img.SubImage(image.Rect(2*i, 0, 2*i+96, 96))))
	}
	same := 0
	for _, f := range []animation.Format{animation.APNG, animation.WebP} {
		file, err := f.Encode(frames, 80*time.Millisecond)
		if err != nil {
			return err
		}
		_, all, err := animation.Frames(file)
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
