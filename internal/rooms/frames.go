package rooms

import "atelier/internal/mesh"

// The measures of frames in metres.
const (
	bar     = 0.035 // width of a frame
	deep    = 0.03  // of a frame, from the wall
	offWall = 0.012 // of a picture or card
	belowIt = 0.13  // from the lower edge of a picture to the middle of its card
	margin  = 0.05  // white around a picture, within the frame
)

// Colours of frames, as linear light, from above, the sides, in front and below.
var (
	barAbove = mesh.Vec{0.10, 0.085, 0.07}
	barFront = mesh.Vec{0.045, 0.04, 0.035}
	barSide  = mesh.Vec{0.03, 0.025, 0.02}
	barBelow = mesh.Vec{0.012, 0.01, 0.01}
	mount    = mesh.Vec{0.86, 0.85, 0.82}
)

// frames hang pictures and their cards.
func (b *builder) frames(where []slot, pictures []Picture) {
	plain := b.material("frame", nil)
	bars := mesh.Part{Name: "frames", Material: plain}
	for i, p := range pictures {
		s := where[i]
		b.panel(p.Title, s.at.Plus(s.facing.Times(offWall+0.002)), s.facing, p.Width, p.Height, p.Texture, map[string]any{"picture": i + 1})
		w, h := p.Width+2*margin, p.Height+2*margin
		face(&bars, s.at.Plus(s.facing.Times(offWall)), s.facing, w, h, mount)
		frame(&bars, s.at, s.facing, w, h)
		if p.Card != nil {
			at := s.at.Plus(s.facing.Times(offWall))
			at[1] -= h/2 + bar + belowIt
			b.panel("card", at, s.facing, CardWide, CardHigh, p.Card, nil)
		}
	}
	if len(bars.Points) > 0 {
		bars.Places = nil
		b.scene.Parts = append(b.scene.Parts, bars)
	}
}

// rightOf is to the right of somebody who looks at a wall.
func rightOf(facing mesh.Vec) mesh.Vec { return mesh.Cross(mesh.Vec{0, 1, 0}, facing) }

// corners of a rectangle around a middle, from the lower left one, counterclockwise.
func corners(at, facing mesh.Vec, width, height float32) [4]mesh.Vec {
	right, up := rightOf(facing).Times(width/2), mesh.Vec{0, height / 2, 0}
	return [4]mesh.Vec{at.Minus(right).Minus(up), at.Plus(right).Minus(up), at.Plus(right).Plus(up), at.Minus(right).Plus(up)}
}

// panel is a textured rectangle, a part of its own.
func (b *builder) panel(name string, at, facing mesh.Vec, width, height float32, texture []byte, extras map[string]any) {
	p := mesh.Part{Name: name, Material: b.material(name, texture)}
	p.Quad(corners(at, facing, width, height), [4][2]float32{{0, 1}, {1, 1}, {1, 0}, {0, 0}})
	if extras != nil {
		p.Extras = extras
	}
	b.scene.Parts = append(b.scene.Parts, p)
}

// face is a rectangle of one colour.
func face(to *mesh.Part, at, facing mesh.Vec, width, height float32, colour mesh.Vec) {
	quad(to, corners(at, facing, width, height), colour)
}

func quad(to *mesh.Part, at [4]mesh.Vec, colour mesh.Vec) {
	to.Quad(at, [4][2]float32{})
	for range 4 {
		to.Colours = append(to.Colours, colour)
	}
}

// frame is four bars around a rectangle: in front, outside and inside.
func frame(to *mesh.Part, at, facing mesh.Vec, width, height float32) {
	front := at.Plus(facing.Times(deep))
	in, out := corners(front, facing, width, height), corners(front, facing, width+2*bar, height+2*bar)
	back := func(v mesh.Vec) mesh.Vec { return v.Minus(facing.Times(deep)) }
	outside := [4]mesh.Vec{barBelow, barSide, barAbove, barSide} // below, right, above, left
	inside := [4]mesh.Vec{barAbove, barSide, barBelow, barSide}
	for i := range 4 {
		k := (i + 1) % 4
		quad(to, [4]mesh.Vec{out[i], out[k], in[k], in[i]}, barFront)
		quad(to, [4]mesh.Vec{back(out[i]), back(out[k]), out[k], out[i]}, outside[i])
		quad(to, [4]mesh.Vec{in[i], in[k], back(in[k]), back(in[i])}, inside[i])
	}
}
