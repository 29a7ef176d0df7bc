package bench

import (
	"context"
	"fmt"
	"image"
	"math"

	"atelier/model/patch"
)

// each makes something of each photo, and measures it.
func (s *Patch) each(ctx context.Context, on *Machine, name string, emit func(Row), make func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error)) error {
	m, err := anyMatcher(on)
	if err != nil {
		return err
	}
	var near remade
	seconds := 0.
	for _, photoName := range s.some() {
		source, err := photo(photoName, s.Side)
		if err != nil {
			return err
		}
		var out *image.NRGBA
		took, err := timed(func() error { out, err = make(m, source); return err })
		if err != nil {
			return err
		}
		seconds += took
		if err := near.add(ctx, m, source, out); err != nil {
			return err
		}
		if err := s.look(name+"-"+photoName, out); err != nil {
			return err
		}
	}
	near.emit(name, emit)
	emit(Row{Name: name + " time", Value: seconds / float64(near.n), Unit: "s", Holds: true, N: near.n})
	return nil
}

// retarget makes each photo narrower by a third and wider by a third.
func (s *Patch) retarget(ctx context.Context, on *Machine, emit func(Row)) error {
	for _, change := range []struct {
		name string
		part int // in thirds
	}{{"narrower", 2}, {"wider", 4}} {
		if err := s.each(ctx, on, change.name, emit, func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error) {
			size := img.Rect.Size()
			return patch.Retarget(ctx, m, img, image.Pt(size.X*change.part/3, size.Y), 1, nil)
		}); err != nil {
			return err
		}
	}
	return nil
}

// extend extends each photo by a fifth on both sides.
func (s *Patch) extend(ctx context.Context, on *Machine, emit func(Row)) error {
	changed := 0
	err := s.each(ctx, on, "extend", emit, func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error) {
		size, by := img.Rect.Size(), img.Rect.Dx()/5
		canvas, hole := patch.Extended(img, size.Add(image.Pt(2*by, 0)), image.Pt(by, 0))
		out, _, err := patch.Fill(ctx, m, canvas, hole, patch.Filling{Seed: 1, Started: true}, nil)
		if err == nil {
			changed += changedPixels(out, img, image.Pt(by, 0), func(image.Point) bool { return true })
		}
		return out, err
	})
	emit(notAbove("extend: pixels changed that are kept", float64(changed), "", 0, len(s.some())))
	return err
}

// rearrange moves a part of each photo across it.
func (s *Patch) rearrange(ctx context.Context, on *Machine, emit func(Row)) error {
	changed := 0
	err := s.each(ctx, on, "rearrange", emit, func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error) {
		size := img.Rect.Size()
		part := image.Rect(size.X*5/8, size.Y/2, size.X*7/8, size.Y*7/8)
		to := image.Pt(size.X/10, size.Y*4/9)
		canvas, hole, barred := patch.Moved(img, part, to)
		out, _, err := patch.Fill(ctx, m, canvas, hole, patch.Filling{Seed: 1, Barred: barred}, nil)
		if err == nil {
			changed += changedPixels(out, canvas, image.Point{}, func(p image.Point) bool { return !hole[p.Y*size.X+p.X] })
		}
		return out, err
	})
	emit(notAbove("rearrange: pixels changed that are kept", float64(changed), "", 0, len(s.some())))
	return err
}

// changedPixels counts pixels of a picture that differ in another, where it is at an offset.
func changedPixels(in, img *image.NRGBA, at image.Point, kept func(image.Point) bool) (n int) {
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if kept(image.Pt(x, y)) && in.NRGBAAt(x+at.X, y+at.Y) != img.NRGBAAt(x, y) {
				n++
			}
		}
	}
	return n
}

// Limits of tiles.
const leastTileSeam, mostTileSeam = .8, 1.2

// tile makes a tile from each photo.
func (s *Patch) tile(ctx context.Context, on *Machine, emit func(Row)) error {
	m, err := anyMatcher(on)
	if err != nil {
		return err
	}
	for _, name := range s.some() {
		source, err := photo(name, s.Side)
		if err != nil {
			return err
		}
		side := s.Side * 3 / 4
		out, err := patch.Tile(ctx, m, source, image.Pt(side, side), 1, nil)
		if err != nil {
			return err
		}
		across, down := seams(out)
		emit(between(fmt.Sprintf("tile %s, step over the left edge", name), across, "of steps within", leastTileSeam, mostTileSeam, 1))
		emit(between(fmt.Sprintf("tile %s, step over the upper edge", name), down, "of steps within", leastTileSeam, mostTileSeam, 1))
		many := image.NewNRGBA(image.Rect(0, 0, 3*side, 3*side))
		for i := range many.Pix {
			x, y := i/4%(3*side)%side, i/4/(3*side)%side
			many.Pix[i] = out.Pix[y*out.Stride+4*x+i%4]
		}
		if err := s.look("tile-"+name, many); err != nil {
			return err
		}
	}
	return nil
}

// seams are the mean gradients across the edges of a tile, over those inside it.
func seams(img *image.NRGBA) (across, down float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	step := func(x, y, dx, dy int) (sum float64) {
		i, j := 4*(y*w+x), 4*((y+dy)%h*w+(x+dx)%w)
		for c := range 3 {
			sum += math.Abs(float64(img.Pix[i+c]) - float64(img.Pix[j+c]))
		}
		return sum
	}
	var sums [4]float64
	for y := range h {
		for x := range w {
			if x == w-1 {
				sums[0] += step(x, y, 1, 0)
			} else {
				sums[1] += step(x, y, 1, 0) / float64(w-1)
			}
			if y == h-1 {
				sums[2] += step(x, y, 0, 1)
			} else {
				sums[3] += step(x, y, 0, 1) / float64(h-1)
			}
		}
	}
	return sums[0] / max(sums[1], 1e-9), sums[2] / max(sums[3], 1e-9)
}
