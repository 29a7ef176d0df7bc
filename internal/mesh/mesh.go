// Package mesh builds solids from pictures and writes them as glTF 2.0 (GLB) and USD (USDZ), which
// viewers, game engines and phones open.
package mesh

import (
	"fmt"
	"math"
)

// A Vec is a point or a direction in metres. X is to the right, Y up, and Z towards the viewer.
type Vec [3]float32

// A Scene is what a file holds.
type Scene struct {
	// Name is the title.
	Name string
	// Materials are referred to by the parts.
	Materials []Material
	Parts     []Part
	// Extras are properties for programs, encoded as JSON; nil for none. USDZ files omit them.
	Extras any
}

// A Material is a surface of one colour or texture.
type Material struct {
	Name string
	// Texture is a PNG or JPEG in sRGB; nil for none.
	Texture []byte
	// Colour is linear RGB in [0, 1], which multiplies the texture.
	Colour Vec
	// Roughness is 0 for a mirror, 1 for chalk.
	Roughness float32
	// Unlit surfaces show their colour whatever the light.
	Unlit bool
}

// A Part is triangles of one material.
type Part struct {
	Name     string
	Material int // index into the materials
	Points   []Vec
	Normals  []Vec // one a point, of length 1
	// Places are the texture coordinates, one a point, from the upper left corner (0, 0) to the
	// lower right one (1, 1); nil if there is no texture.
	Places [][2]float32
	// Colours are linear RGB in [0, 1], one a point, which multiply the material's; nil for none.
	// USDZ files omit them.
	Colours []Vec
	// Triangles are indices of points, counterclockwise seen from outside.
	Triangles [][3]uint32
	// Extras are as those of a scene.
	Extras any
}

// Add appends a point and returns its index.
func (p *Part) Add(at, normal Vec, place [2]float32) uint32 {
	p.Points, p.Normals, p.Places = append(p.Points, at), append(p.Normals, normal), append(p.Places, place)
	return uint32(len(p.Points) - 1)
}

// Quad appends a flat face of four corners, counterclockwise seen from outside, with texture places.
func (p *Part) Quad(corners [4]Vec, places [4][2]float32) {
	n := Cross(corners[1].Minus(corners[0]), corners[2].Minus(corners[0])).Unit()
	var at [4]uint32
	for i, c := range corners {
		at[i] = p.Add(c, n, places[i])
	}
	p.Triangles = append(p.Triangles, [3]uint32{at[0], at[1], at[2]}, [3]uint32{at[0], at[2], at[3]})
}

// Bounds are the lowest and highest coordinates of the parts.
func (s *Scene) Bounds() (low, high Vec) {
	for i := range 3 {
		low[i], high[i] = math.MaxFloat32, -math.MaxFloat32
	}
	for _, p := range s.Parts {
		for _, at := range p.Points {
			for i, v := range at {
				low[i], high[i] = min(low[i], v), max(high[i], v)
			}
		}
	}
	return low, high
}

// Triangles is the number of triangles of all parts.
func (s *Scene) Triangles() (n int) {
	for _, p := range s.Parts {
		n += len(p.Triangles)
	}
	return n
}

// check reports a scene that no file can hold, which is a mistake of the program.
func (s *Scene) check() error {
	for i, p := range s.Parts {
		n := len(p.Points)
		switch {
		case n == 0 || len(p.Triangles) == 0:
			return fmt.Errorf("part %d of the mesh is empty", i)
		case len(p.Normals) != n || p.Places != nil && len(p.Places) != n || p.Colours != nil && len(p.Colours) != n:
			return fmt.Errorf("part %d of the mesh has %d points, %d normals, %d places and %d colours", i, n, len(p.Normals), len(p.Places), len(p.Colours))
		case p.Material < 0 || p.Material >= len(s.Materials):
			return fmt.Errorf("part %d of the mesh has no material %d", i, p.Material)
		case s.Materials[p.Material].Texture != nil && p.Places == nil:
			return fmt.Errorf("part %d of the mesh has a texture and no places on it", i)
		}
	}
	return nil
}

// Minus is the difference of two points.
func (v Vec) Minus(w Vec) Vec { return Vec{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }

// Plus is the sum of two points.
func (v Vec) Plus(w Vec) Vec { return Vec{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }

// Times is a multiple.
func (v Vec) Times(by float32) Vec { return Vec{v[0] * by, v[1] * by, v[2] * by} }

// Unit is the direction, of length 1; zero has none and becomes Z.
func (v Vec) Unit() Vec {
	l := math.Sqrt(float64(v[0])*float64(v[0]) + float64(v[1])*float64(v[1]) + float64(v[2])*float64(v[2]))
	if l == 0 {
		return Vec{0, 0, 1}
	}
	return Vec{float32(float64(v[0]) / l), float32(float64(v[1]) / l), float32(float64(v[2]) / l)}
}

// Cross is the cross product.
func Cross(v, w Vec) Vec {
	return Vec{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// Linear is an sRGB level, 0 to 255, as linear light in [0, 1] (IEC 61966-2-1).
func Linear(level uint8) float32 {
	v := float64(level) / 255
	if v <= 0.04045 {
		return float32(v / 12.92)
	}
	return float32(math.Pow((v+0.055)/1.055, 2.4))
}
