package patch

import (
	"context"
	"image"
	"image/draw"
)

// Extended is the picture on a larger canvas, placed at at, and a hole for the new area,
// initialized with mirror images.
func Extended(source *image.NRGBA, size, at image.Point) (canvas *image.NRGBA, hole []bool) {
	canvas = image.NewNRGBA(image.Rectangle{Max: size})
	kept := image.Rectangle{Max: source.Rect.Size()}.Add(at)
	for y := range size.Y {
		for x := range size.X {
			from := source.Pix[folded(y-at.Y, kept.Dy())*source.Stride+4*folded(x-at.X, kept.Dx()):]
			copy(canvas.Pix[y*canvas.Stride+4*x:][:4], from)
		}
	}
	hole = make([]bool, size.X*size.Y)
	for i := range hole {
		hole[i] = !image.Pt(i%size.X, i/size.X).In(kept)
	}
	return canvas, hole
}

// moat is the width of the hole around a moved part.
const moat = 5

// Moved is the picture with a part moved to begin at to. The hole is where the part was, and around
// its new place; the part itself is not copied from.
func Moved(source *image.NRGBA, part image.Rectangle, to image.Point) (canvas *image.NRGBA, hole, barred []bool) {
	size := source.Rect.Size()
	canvas = image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(canvas, canvas.Rect, source, source.Rect.Min, draw.Src)
	there := image.Rectangle{Max: part.Size()}.Add(to)
	draw.Draw(canvas, there, source, source.Rect.Min.Add(part.Min), draw.Src)
	hole, barred = make([]bool, size.X*size.Y), make([]bool, size.X*size.Y)
	for i := range hole {
		at := image.Pt(i%size.X, i/size.X)
		barred[i] = at.In(there)
		hole[i] = !barred[i] && (at.In(part) || at.In(there.Inset(-moat)))
	}
	return canvas, hole, barred
}

// Grown is a mask dilated by some pixels.
func Grown(mask []bool, w, by int) []bool {
	h := len(mask) / w
	out := make([]bool, len(mask))
	for i, in := range mask {
		if !in {
			continue
		}
		x, y := i%w, i/w
		if x > 0 && y > 0 && x+1 < w && y+1 < h && mask[i-1] && mask[i+1] && mask[i-w] && mask[i+w] {
			out[i] = true // inside: its neighbours grow enough
			continue
		}
		for b := max(y-by, 0); b <= min(y+by, h-1); b++ {
			for a := max(x-by, 0); a <= min(x+by, w-1); a++ {
				if (a-x)*(a-x)+(b-y)*(b-y) <= by*by {
					out[b*w+a] = true
				}
			}
		}
	}
	return out
}

// Feathered blends the filled picture, whose hole was larger by some pixels, into the source.
func Feathered(ctx context.Context, source, filled *image.NRGBA, hole []bool, by int) (*image.NRGBA, error) {
	w := source.Rect.Dx()
	out := image.NewNRGBA(image.Rectangle{Max: source.Rect.Size()})
	draw.Draw(out, out.Rect, filled, filled.Rect.Min, draw.Src)
	inner := hole
	for k := 1; k <= by; k++ {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		outer := Grown(hole, w, k)
		share := by + 1 - k // share of the filled picture
		for i, in := range outer {
			if !in || inner[i] {
				continue
			}
			at, px := i/w*source.Stride+i%w*4, out.Pix[4*i:4*i+4]
			for c := range px {
				px[c] = uint8((int(px[c])*share + int(source.Pix[at+c])*(by+1-share) + (by+1)/2) / (by + 1))
			}
		}
		inner = outer
	}
	return out, nil
}
