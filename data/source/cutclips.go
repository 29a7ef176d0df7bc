package source

import (
	"fmt"
	"image"
	"iter"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/film"
	files "atelier/internal/picture"
)

// pieces cuts a clip, or a sprite sheet.
func (s *Clips) pieces(it data.Item) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if s.Cell == 0 && s.Cut == 0 {
			yield(it, nil)
			return
		}
		reel, err := film.Open(it.Bytes)
		if err != nil {
			yield(it, data.Dropf("no clip", "%v", err))
			return
		}
		if s.Cell == 0 {
			if err := animation.Fits(min(s.Cut, reel.N), reel.Size); err != nil {
				yield(it, data.Dropf(tooLarge, "%v", err))
				return
			}
		}
		var frames []image.Image
		n := 0
		hand := func(name string) bool {
			piece := it
			piece.Name, piece.Group = it.Name+name, it.Name
			piece.Origin.Place += name
			of := frames
			frames = nil
			if len(of) < 2 {
				return true
			}
			n++
			return yield(framed(piece, of))
		}
		for m, err := range reel.Frames {
			if err != nil {
				yield(it, data.Dropf("unreadable", "%v", err))
				return
			}
			if s.Cell > 0 {
				for row := range m.Bounds().Dy() / s.Cell {
					if frames = cellsOf(m, row, s.Cell); !hand(fmt.Sprintf("#%d", row+1)) {
						return
					}
				}
				continue
			}
			if frames = append(frames, m); len(frames) == s.Cut && !hand(fmt.Sprintf("#%d", n+1)) {
				return
			}
		}
		if n == 0 {
			yield(it, data.Dropf("short", "it has no two frames, or fewer than %d", s.Cut))
		}
	}
}

// cellsOf are the cells of a row of a sprite sheet, up to the first that is empty.
func cellsOf(m image.Image, row, side int) (cells []image.Image) {
	sheet := files.NRGBA(m)
	for column := range sheet.Rect.Dx() / side {
		cell := image.NewNRGBA(image.Rect(0, 0, side, side))
		empty := true
		for y := range side {
			from := sheet.Pix[(row*side+y)*sheet.Stride+4*column*side:][:4*side]
			copy(cell.Pix[y*cell.Stride:], from)
			for x := 3; x < len(from); x += 4 {
				empty = empty && from[x] == 0
			}
		}
		if empty {
			break
		}
		cells = append(cells, cell)
	}
	return cells
}
