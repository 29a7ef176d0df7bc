// Package rooms builds a gallery: rooms in a row, joined by doorways, with pictures on the walls.
package rooms

import (
	"cmp"
	"math"
	"slices"

	"atelier/internal/mesh"
)

// A Picture hangs in a frame, with a card beside it.
type Picture struct {
	Title string
	// Texture is a PNG or JPEG, and Width and Height its size in metres, at most [MostWide] and
	// [MostHigh].
	Texture       []byte
	Width, Height float32
	// Card is the texture of the card, nil for none, of the proportions [CardWide] to [CardHigh].
	Card []byte
}

// The measures of pictures and cards in metres.
const (
	MostWide = 2.2
	MostHigh = 1.9
	CardWide = 0.36
	CardHigh = 0.12
	// BannerWide and BannerHigh are those of the title above the first doorway.
	BannerWide = 3.6
	BannerHigh = 0.45
)

// The measures of the rooms in metres.
const (
	wide      = 8.0
	long      = 10.0
	high      = 3.6
	thick     = 0.3
	doorWide  = 2.0
	doorHigh  = 2.5
	eye       = 1.6 // above the floor, which is also the middle of the pictures
	body      = 0.4 // that a visitor keeps from walls
	beforeIt  = 1.9 // from which a picture is looked at
	perRoom   = 10
	betweenIt = 3.0 // pictures along a wall
)

// A slot is where a picture can hang.
type slot struct {
	room     int
	at       mesh.Vec // the middle of the picture, on the wall
	facing   mesh.Vec // away from the wall
	priority int      // by which slots are used
	path     int      // order on the way through the room
}

// Extras tell programs where one can walk and stand.
type Extras struct {
	// Walk are rectangles on the floor: least X and Z, greatest X and Z.
	Walk [][4]float32 `json:"walk"`
	// Start is where a visitor begins, Stops where each picture is looked at from.
	Start Stop   `json:"start"`
	Stops []Stop `json:"stops"`
	// Eye is the height of the eyes above the floor in metres.
	Eye float32 `json:"eye"`
}

// A Stop is a place on the floor and a direction: the angle about Y from the negative Z, in radians.
type Stop struct {
	X     float32 `json:"x"`
	Z     float32 `json:"z"`
	Yaw   float32 `json:"yaw"`
	Title string  `json:"title,omitempty"`
}

// centre is the Z of the middle of a room. The first is entered at the greatest Z, and the way leads
// towards the negative Z.
func centre(room int) float32 { return -float32(room) * (long + thick) }

// slots are those of a room, of some; the first has no doorway behind the visitor, the last none in
// front.
func slots(room int) []slot {
	z := centre(room)
	side := func(x, facing float32) (all []slot) {
		for i := range 3 {
			all = append(all, slot{room: room, at: mesh.Vec{x, eye, z + float32(1-i)*betweenIt}, facing: mesh.Vec{facing, 0, 0}})
		}
		return all
	}
	end := func(z, facing float32) (all []slot) {
		const beside = (wide/2 + doorWide/2) / 2
		for _, x := range []float32{-beside, beside} {
			all = append(all, slot{room: room, at: mesh.Vec{x, eye, z}, facing: mesh.Vec{0, 0, facing}})
		}
		return all
	}
	left, far, right, near := side(-wide/2, 1), end(z-long/2, 1), side(wide/2, -1), end(z+long/2, -1)
	slices.Reverse(right)
	all := slices.Concat(near[:1], left, far, right, near[1:])
	for i, p := range []int{8, 4, 2, 6, 0, 1, 7, 3, 5, 9} {
		all[i].priority, all[i].path = p, i
	}
	return all
}

// hung are the slots of n pictures, in the order in which one passes them.
func hung(n int) (all []slot, rooms int) {
	rooms = max(1, (n+perRoom-1)/perRoom)
	for r := range rooms {
		here := n*(r+1)/rooms - n*r/rooms
		of := slots(r)
		slices.SortFunc(of, func(a, b slot) int { return cmp.Compare(a.priority, b.priority) })
		of = of[:here]
		slices.SortFunc(of, func(a, b slot) int { return cmp.Compare(a.path, b.path) })
		all = append(all, of...)
	}
	return all, rooms
}

// Build builds the gallery. banner is the texture of the title, of the proportions [BannerWide] to
// [BannerHigh], nil for none.
func Build(name string, banner []byte, pictures []Picture) *mesh.Scene {
	where, n := hung(len(pictures))
	b := &builder{scene: &mesh.Scene{Name: name}, lamps: lampsOf(where)}
	b.shell(n)
	b.frames(where, pictures)
	if banner != nil {
		at := mesh.Vec{0, (doorHigh + high) / 2, centre(0) - long/2 + offWall}
		b.panel("title", at, mesh.Vec{0, 0, 1}, BannerWide, BannerHigh, banner, nil)
	}
	extras := Extras{Eye: eye, Start: Stop{Z: centre(0) + long/2 - 1.2}}
	for r := range n {
		z := centre(r)
		extras.Walk = append(extras.Walk, [4]float32{-wide/2 + body, z - long/2 + body, wide/2 - body, z + long/2 - body})
		if r > 0 {
			extras.Walk = append(extras.Walk, [4]float32{-doorWide/2 + body, z + long/2 - body, doorWide/2 - body, z + long/2 + thick + body})
		}
	}
	for i, s := range where {
		at := s.at.Plus(s.facing.Times(beforeIt))
		yaw := math.Atan2(float64(s.facing[0]), float64(s.facing[2])) // the gaze is the other way
		extras.Stops = append(extras.Stops, Stop{at[0], at[2], float32(yaw), pictures[i].Title})
	}
	b.scene.Extras = extras
	return b.scene
}
