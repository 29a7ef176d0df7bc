package picture

import (
	"image"
)

// fromVideo converts a lossy WebP, whose luma spans 16 to 235 as in video (BT.601), with the
// arithmetic of libwebp. The standard library would interpret it as JPEG's full range, with grey
// blacks and dull whites. Other pictures are returned as they are.
func fromVideo(img image.Image) image.Image {
	var alpha *image.NYCbCrA
	planes, ok := img.(*image.YCbCr)
	if !ok {
		if alpha, ok = img.(*image.NYCbCrA); !ok {
			return img
		}
		planes = &alpha.YCbCr
	}
	size := planes.Rect
	out := image.NewNRGBA(image.Rect(0, 0, size.Dx(), size.Dy()))
	for y := range size.Dy() {
		row := out.Pix[y*out.Stride:][:4*size.Dx()]
		for x := range size.Dx() {
			yi, ci := planes.YOffset(size.Min.X+x, size.Min.Y+y), planes.COffset(size.Min.X+x, size.Min.Y+y)
			px := row[4*x:][:4]
			px[0], px[1], px[2] = videoColour(int(planes.Y[yi]), int(planes.Cb[ci]), int(planes.Cr[ci]))
			px[3] = 255
			if alpha != nil {
				px[3] = alpha.A[alpha.AOffset(size.Min.X+x, size.Min.Y+y)]
			}
		}
	}
	return out
}

// videoColour converts a pixel from the limited range of BT.601: factors are scaled by 1<<14, sums
// by 1<<6.
func videoColour(y, u, v int) (r, g, b uint8) {
	times := func(v, factor int) int { return v * factor >> 8 }
	clip := func(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
	bright := times(y, 19077)
	return clip(bright + times(v, 26149) - 14234),
		clip(bright - times(u, 6419) - times(v, 13320) + 8708),
		clip(bright + times(u, 33050) - 17685)
}
