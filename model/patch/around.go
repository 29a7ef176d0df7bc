package patch

import (
	"context"
	"image"
	"math"

	"golang.org/x/image/draw"

	"atelier/internal/sphere"
)

// A Surrounding says how a picture becomes a panorama.
type Surrounding struct {
	// Width is that of the panorama in pixels.
	Width int
	// View is how many degrees of the 360 around the picture covers; with 360, the picture is a
	// panorama, of which the seam and the poles are filled.
	View float64
	// Horizon is where the horizon lies in the picture, from 0, its upper edge, to 1.
	Horizon float64
	Seed    uint64
	Finish  Finish
}

// Settings of panoramas, in degrees.
const (
	seamAround = 20 // of a panorama that is given, filled where its edges meet
	poleAround = 15 // likewise, around its poles
	nearest    = 4  // from a pole that a picture may come
	borrowed   = 35 // of the picture next to a pole from which it is filled, at most
	softEdge   = 1  // over which what fills a pole is blended
)

// Band is the range of latitudes in degrees that a picture covers, as high as it is in proportion.
func (s Surrounding) Band(size image.Point) (upper, lower float64) {
	high := s.View * float64(size.Y) / float64(size.X)
	return min(s.Horizon*high, 90-nearest), max((s.Horizon-1)*high, nearest-90)
}

// Around surrounds a picture with its own patches: it is the front of a panorama of 360° × 180°. The
// rest of its band of latitudes is a hole between the right half of the picture and the left one,
// so that where the panorama is closed is within the picture, and its edges, at the back, are
// within the hole. Then the poles are filled in stereographic projection, where they are no
// different from other places, from what is next to them.
func Around(ctx context.Context, m Matcher, source *image.NRGBA, s Surrounding, progress func(done, total int)) (sphere.Panorama, error) {
	out := sphere.New(s.Width)
	part := func(i int) func(done, total int) {
		return func(done, total int) {
			if progress != nil {
				progress(i*total+done, 3*total)
			}
		}
	}
	band, top, err := s.band(ctx, m, source, out, part(0))
	if err != nil {
		return out, err
	}
	s.place(out, band, top)
	upper := math.Pi/2 - float64(top)*math.Pi/float64(out.Rect.Dy())
	lower := math.Pi/2 - float64(top+band.Rect.Dy())*math.Pi/float64(out.Rect.Dy())
	if s.View >= 360 {
		upper, lower = min(upper, math.Pi/2-poleAround*degree), max(lower, poleAround*degree-math.Pi/2)
	}
	reach := min(borrowed*degree, (upper-lower)/2)
	for i, isUpper := range []bool{true, false} {
		edge := math.Pi/2 - upper
		if !isUpper {
			edge = math.Pi/2 + lower
		}
		if err := s.pole(ctx, m, out, isUpper, edge, reach, part(1+i)); err != nil {
			return out, err
		}
	}
	return out, nil
}

const degree = math.Pi / 180

// band is the band of latitudes that the picture covers, all around, from a row of the panorama on.
func (s Surrounding) band(ctx context.Context, m Matcher, source *image.NRGBA, on sphere.Panorama, progress func(done, total int)) (band *image.NRGBA, top int, err error) {
	upper, lower := s.Band(source.Rect.Size())
	_, first := on.Place(0, upper*degree)
	_, last := on.Place(0, lower*degree)
	top = int(math.Round(first))
	high := max(1, int(math.Round(last))-top)
	wide := min(s.Width, max(1, int(math.Round(float64(s.Width)*s.View/360))))
	img := image.NewNRGBA(image.Rect(0, 0, wide, high))
	draw.CatmullRom.Scale(img, img.Rect, source, source.Rect, draw.Src, nil)
	cut := 0
	if s.View >= 360 {
		if meets(img) {
			return img, top, nil
		}
		cut = int(math.Round(float64(s.Width) * seamAround / 720))
	}
	if wide-2*cut >= s.Width { // nothing is left to be filled
		return img, top, nil
	}
	if cut > 0 {
		part := image.NewNRGBA(image.Rect(0, 0, wide-2*cut, high))
		draw.Draw(part, part.Rect, img, image.Pt(cut, 0), draw.Src)
		img = part
	}
	band, err = s.closed(ctx, m, img, progress)
	return band, top, err
}

// closed is a picture with what is around it on both sides, as wide as the panorama. If what falls or
// rises to one side, such as a sloping horizon, has to come back all at once, it is made again with
// patches that are mirrored as well, along which it can come back; the better one is taken.
func (s Surrounding) closed(ctx context.Context, m Matcher, img *image.NRGBA, progress func(done, total int)) (*image.NRGBA, error) {
	out, err := s.surrounded(ctx, m, img, false, progress)
	if err != nil {
		return nil, err
	}
	const bad = 1.2
	first := (s.Width - img.Rect.Dx()) / 2
	worst := Steepest(out, first, first+img.Rect.Dx())
	if worst <= bad {
		return out, nil
	}
	again, err := s.surrounded(ctx, m, img, true, progress)
	if err != nil {
		return nil, err
	}
	if Steepest(again, first, first+img.Rect.Dx()) < worst {
		return again, nil
	}
	return out, nil
}

// surrounded fills what is around a picture: the picture, the hole, the picture again, and, to be
// copied from, mirror images on both sides if wanted.
func (s Surrounding) surrounded(ctx context.Context, m Matcher, img *image.NRGBA, mirrored bool, progress func(done, total int)) (*image.NRGBA, error) {
	wide, high := img.Rect.Dx(), img.Rect.Dy()
	beside, mirror := 0, folded
	if mirrored { // here mirror images stay as they are, and must not hold a column twice
		beside, mirror = wide, reflected
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, s.Width+wide+2*beside, high))
	hole := make([]bool, canvas.Rect.Dx()*high)
	at := func(x, y int) []uint8 { return img.Pix[y*img.Stride+4*x:][:4] }
	border := bordered(high, s.Width-wide, func(x, y int) (left, right []uint8) {
		return at(mirror(wide+x, wide), y), at(mirror(x-(s.Width-wide), wide), y)
	})
	for y := range high {
		for i := range canvas.Rect.Dx() {
			x := i - beside // from the picture on
			from := mirror(x, wide)
			if x >= wide+border[y] {
				from = mirror(x-s.Width, wide)
			}
			hole[y*canvas.Rect.Dx()+i] = x >= wide && x < s.Width
			copy(canvas.Pix[y*canvas.Stride+4*i:][:4], at(from, y))
		}
	}
	filled, _, err := Fill(ctx, m, canvas, hole, Filling{Seed: s.Seed, Finish: s.Finish, Started: true, Whole: mirrored}, progress)
	if err != nil {
		return nil, err
	}
	// The middle of the picture comes to the middle of the panorama.
	out := image.NewNRGBA(image.Rect(0, 0, s.Width, high))
	for y := range high {
		for x := range s.Width {
			from := x - s.Width/2 + wide/2
			if from < 0 {
				from += s.Width
			}
			copy(out.Pix[y*out.Stride+4*x:][:4], filled.Pix[y*filled.Stride+4*(beside+from):])
		}
	}
	return out, nil
}

// reflected folds a coordinate into [0, n) by mirroring; what is at the edges is not repeated.
func reflected(x, n int) int {
	if n == 1 {
		return 0
	}
	x = ((x % (2*n - 2)) + 2*n - 2) % (2*n - 2)
	return min(x, 2*n-2-x)
}

// bordered is where two pictures side by side in a hole meet best, row by row: the path along which
// they differ least, in the middle half of the hole (Efros and Freeman, "Image Quilting", 2001).
func bordered(high, wide int, at func(x, y int) (left, right []uint8)) []int {
	first, last := wide/4, max(wide/4, wide-1-wide/4)
	n := last - first + 1
	sums, from := make([]int, n), make([]int8, n*high)
	for y := range high {
		next := make([]int, n)
		for i := range n {
			left, right := at(first+i, y)
			best := i
			for _, k := range []int{i - 1, i + 1} {
				if k >= 0 && k < n && sums[k] < sums[best] {
					best = k
				}
			}
			next[i], from[y*n+i] = sums[best], int8(best-i)
			for c := range 3 {
				d := int(left[c]) - int(right[c])
				next[i] += d * d
			}
		}
		sums = next
	}
	best := 0
	for i, v := range sums {
		if v < sums[best] {
			best = i
		}
	}
	path := make([]int, high)
	for y := high - 1; y >= 0; y-- {
		path[y] = first + best
		best += int(from[y*n+best])
	}
	return path
}

// meets reports whether the left and the right edge of a picture differ about as little as columns
// in it that are next to each other.
func meets(img *image.NRGBA) bool {
	const times, levels = 1.5, 1
	across, inside := Seam(img)
	return across <= times*inside+levels
}

// place puts the band on the panorama, and continues it upwards and downwards.
func (s Surrounding) place(on sphere.Panorama, band *image.NRGBA, top int) {
	for y := range on.Rect.Dy() {
		copy(on.Pix[y*on.Stride:][:on.Stride], band.Pix[min(max(y-top, 0), band.Rect.Dy()-1)*band.Stride:])
	}
}

// pole fills the surroundings of a pole up to an angle from what is next to it.
func (s Surrounding) pole(ctx context.Context, m Matcher, on sphere.Panorama, upper bool, edge, reach float64, progress func(done, total int)) error {
	d := on.NewDisc(upper, edge+reach)
	img := d.Picture(on)
	hole, barred := make([]bool, d.Side*d.Side), make([]bool, d.Side*d.Side)
	for i := range hole {
		angle := d.Angle(i%d.Side, i/d.Side)
		hole[i], barred[i] = angle < edge, angle > edge+reach
	}
	filled, _, err := Fill(ctx, m, img, hole, Filling{Seed: s.Seed + 1, Finish: s.Finish, Barred: barred}, progress)
	if err != nil {
		return err
	}
	d.Draw(on, filled, edge-softEdge*degree, edge)
	return nil
}
