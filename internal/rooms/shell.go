package rooms

import (
	"math"

	"atelier/internal/mesh"
)

// The grid of a surface, in metres, at whose points its light is computed.
const (
	wallGrid  = 0.25
	floorGrid = 0.5
	plankTile = 2.0 // side of the texture of the floor
)

// The colours of surfaces, as linear light.
var (
	plaster = mesh.Vec{0.80, 0.79, 0.76}
	ceiling = mesh.Vec{0.62, 0.62, 0.62}
	wood    = mesh.Vec{1, 1, 1} // of the texture
	reveal  = mesh.Vec{0.45, 0.44, 0.42}
)

// A builder collects the parts of a scene.
type builder struct {
	scene *mesh.Scene
	lamps [][]lamp // by room
}

// material adds a material, and returns its index.
func (b *builder) material(name string, texture []byte) int {
	b.scene.Materials = append(b.scene.Materials, mesh.Material{Name: name, Texture: texture, Colour: mesh.Vec{1, 1, 1}, Roughness: 1, Unlit: true})
	return len(b.scene.Materials) - 1
}

// shell builds floors, ceilings, walls and doorways.
func (b *builder) shell(rooms int) {
	plain, planks := b.material("plaster", nil), b.material("floor", planks())
	walls, floor := mesh.Part{Name: "walls", Material: plain}, mesh.Part{Name: "floor", Material: planks}
	for r := range rooms {
		z := centre(r)
		near, far := z+long/2, z-long/2
		// Each wall as seen from inside: its lower left corner, to the right, its length.
		b.surface(&walls, r, mesh.Vec{-wide / 2, 0, near}, mesh.Vec{0, 0, -1}, mesh.Vec{0, 1, 0}, long, high, wallGrid, plaster)
		b.surface(&walls, r, mesh.Vec{wide / 2, 0, far}, mesh.Vec{0, 0, 1}, mesh.Vec{0, 1, 0}, long, high, wallGrid, plaster)
		b.end(&walls, r, mesh.Vec{-wide / 2, 0, far}, mesh.Vec{1, 0, 0}, r < rooms-1)
		b.end(&walls, r, mesh.Vec{wide / 2, 0, near}, mesh.Vec{-1, 0, 0}, r > 0)
		b.surface(&walls, r, mesh.Vec{-wide / 2, high, far}, mesh.Vec{1, 0, 0}, mesh.Vec{0, 0, 1}, wide, long, floorGrid, ceiling)
		b.surface(&floor, r, mesh.Vec{-wide / 2, 0, near}, mesh.Vec{1, 0, 0}, mesh.Vec{0, 0, -1}, wide, long, floorGrid, wood)
		if r > 0 {
			b.doorway(&walls, &floor, near)
		}
	}
	walls.Places = nil
	b.scene.Parts = append(b.scene.Parts, walls, floor)
}

// end is the wall at an end of a room, with a doorway in its middle or none.
func (b *builder) end(to *mesh.Part, room int, at, right mesh.Vec, door bool) {
	up := mesh.Vec{0, 1, 0}
	if !door {
		b.surface(to, room, at, right, up, wide, high, wallGrid, plaster)
		return
	}
	const beside = (wide - doorWide) / 2
	b.surface(to, room, at, right, up, beside, high, wallGrid, plaster)
	b.surface(to, room, at.Plus(right.Times(beside+doorWide)), right, up, beside, high, wallGrid, plaster)
	b.surface(to, room, at.Plus(right.Times(beside)).Plus(up.Times(doorHigh)), right, up, doorWide, high-doorHigh, wallGrid, plaster)
}

// doorway is the inside of a doorway between a room and the one before, whose wall ends at near.
func (b *builder) doorway(walls, floor *mesh.Part, near float32) {
	const half = doorWide / 2
	back := near + thick
	box := func(to *mesh.Part, colour mesh.Vec, corners ...mesh.Vec) {
		to.Quad([4]mesh.Vec(corners), [4][2]float32{{0, 0}, {0.1, 0}, {0.1, 1}, {0, 1}})
		for range 4 {
			to.Colours = append(to.Colours, colour)
		}
	}
	box(walls, reveal, mesh.Vec{-half, 0, back}, mesh.Vec{-half, 0, near}, mesh.Vec{-half, doorHigh, near}, mesh.Vec{-half, doorHigh, back})
	box(walls, reveal, mesh.Vec{half, 0, near}, mesh.Vec{half, 0, back}, mesh.Vec{half, doorHigh, back}, mesh.Vec{half, doorHigh, near})
	box(walls, reveal, mesh.Vec{-half, doorHigh, near}, mesh.Vec{half, doorHigh, near}, mesh.Vec{half, doorHigh, back}, mesh.Vec{-half, doorHigh, back})
	box(floor, mesh.Vec{0.35, 0.35, 0.35}, mesh.Vec{-half, 0, back}, mesh.Vec{half, 0, back}, mesh.Vec{half, 0, near}, mesh.Vec{-half, 0, near})
}

// surface is a lit rectangle of a room from its lower left corner, seen from inside, as quads of
// about a grid. Each quad has a part of a texture of [plankTile].
func (b *builder) surface(to *mesh.Part, room int, at, right, up mesh.Vec, length, height, grid float64, colour mesh.Vec) {
	columns, rows := max(1, int(math.Round(length/grid))), max(1, int(math.Round(height/grid)))
	normal := mesh.Cross(right, up)
	point := func(x, y int) mesh.Vec {
		return at.Plus(right.Times(float32(length * float64(x) / float64(columns)))).Plus(up.Times(float32(height * float64(y) / float64(rows))))
	}
	light := make([]float32, (columns+1)*(rows+1))
	for i := range light {
		light[i] = b.light(room, point(i%(columns+1), i/(columns+1)), normal)
	}
	each := int(math.Round(plankTile / grid))
	for y := range rows {
		for x := range columns {
			u, v := float32(x%each)/float32(each), float32(y%each)/float32(each)
			w := 1 / float32(each)
			to.Quad([4]mesh.Vec{point(x, y), point(x+1, y), point(x+1, y+1), point(x, y+1)},
				[4][2]float32{{u, v}, {u + w, v}, {u + w, v + w}, {u, v + w}})
			for _, i := range []int{y*(columns+1) + x, y*(columns+1) + x + 1, (y+1)*(columns+1) + x + 1, (y+1)*(columns+1) + x} {
				to.Colours = append(to.Colours, colour.Times(light[i]))
			}
		}
	}
}
