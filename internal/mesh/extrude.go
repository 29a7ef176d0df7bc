package mesh

import "math"

// smooth is the cosine of the largest angle between two sides that are shaded as one curve.
const smooth = 0.7

// Extruded are regions in metres, Y upwards and outer loops counterclockwise, as solids of a
// thickness around z = 0: the faces in front and behind, whose texture place gives, and the walls.
func Extruded(regions []Region, thickness float64, place func(at [2]float64) [2]float32) (faces, walls Part) {
	faces.Name, walls.Name = "faces", "edge"
	z := float32(thickness / 2)
	for _, r := range regions {
		points, triangles := r.Points(), r.Triangles()
		for side, normal := range []Vec{{0, 0, 1}, {0, 0, -1}} {
			first := uint32(len(faces.Points))
			for _, p := range points {
				faces.Add(Vec{float32(p[0]), float32(p[1]), z * normal[2]}, normal, place(p))
			}
			for _, t := range triangles {
				if side == 1 {
					t[1], t[2] = t[2], t[1]
				}
				faces.Triangles = append(faces.Triangles, [3]uint32{first + t[0], first + t[1], first + t[2]})
			}
		}
		walls.wall(r.Outer, -z, z)
		for _, h := range r.Holes {
			walls.wall(h, -z, z)
		}
	}
	walls.Places = nil
	return faces, walls
}

// wall raises a wall along a loop, from a depth to another; outside is to the right of the loop.
func (p *Part) wall(l Loop, from, to float32) {
	n := len(l)
	normals := make([]Vec, n) // of the side after each point
	for i, a := range l {
		b := l[(i+1)%n]
		normals[i] = Vec{float32(b[1] - a[1]), float32(a[0] - b[0]), 0}.Unit()
	}
	shared := func(own, other Vec) Vec {
		if own[0]*other[0]+own[1]*other[1] < smooth {
			return own
		}
		return own.Plus(other).Unit()
	}
	for i, a := range l {
		b := l[(i+1)%n]
		first, second := shared(normals[i], normals[(i+n-1)%n]), shared(normals[i], normals[(i+1)%n])
		at := p.Add(Vec{float32(a[0]), float32(a[1]), to}, first, [2]float32{})
		p.Add(Vec{float32(a[0]), float32(a[1]), from}, first, [2]float32{})
		p.Add(Vec{float32(b[0]), float32(b[1]), from}, second, [2]float32{})
		p.Add(Vec{float32(b[0]), float32(b[1]), to}, second, [2]float32{})
		p.Triangles = append(p.Triangles, [3]uint32{at, at + 1, at + 2}, [3]uint32{at, at + 2, at + 3})
	}
}

// Disc appends a flat oval to a part, lying on y = 0 around a point of the X axis: a foot.
func (p *Part) Disc(centre, wide, deep, thickness float64) {
	const sides = 64
	var l Loop
	for i := range sides {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / sides)
		l = append(l, [2]float64{cos * wide / 2, sin * deep / 2})
	}
	flat := Part{}
	faces, walls := Extruded([]Region{{Outer: l}}, thickness, func([2]float64) [2]float32 { return [2]float32{} })
	flat.join(faces)
	flat.join(walls)
	lying := func(v Vec) Vec { return Vec{v[0], v[2], -v[1]} }
	for i, at := range flat.Points {
		flat.Points[i] = lying(at).Plus(Vec{float32(centre), float32(thickness / 2), 0})
		flat.Normals[i] = lying(flat.Normals[i])
	}
	p.join(flat)
}

// join appends another part without texture.
func (p *Part) join(other Part) {
	first := uint32(len(p.Points))
	p.Points, p.Normals = append(p.Points, other.Points...), append(p.Normals, other.Normals...)
	for _, t := range other.Triangles {
		p.Triangles = append(p.Triangles, [3]uint32{first + t[0], first + t[1], first + t[2]})
	}
}

// Raise moves all points upwards.
func (p *Part) Raise(by float32) {
	for i := range p.Points {
		p.Points[i][1] += by
	}
}
