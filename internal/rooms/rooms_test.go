package rooms

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/mesh"
)

func pictures(n int) (all []Picture) {
	for range n {
		all = append(all, Picture{Title: "one", Texture: []byte("\xff\xd8\xff\xe0"), Width: 1.2, Height: 0.9, Card: []byte("\x89PNG\r\n\x1a\n")})
	}
	return all
}

func inside(walk [][4]float32, x, z float32) bool {
	for _, w := range walk {
		if x >= w[0] && x <= w[2] && z >= w[1] && z <= w[3] {
			return true
		}
	}
	return false
}

// However many pictures there are, each hangs on a wall of its own place, can be looked at from the
// floor, and every room can be reached from the entrance.
func TestBuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 65).Draw(t, "n")
		s := Build("rooms", nil, pictures(n))
		e := s.Extras.(Extras)
		if len(e.Stops) != n {
			t.Fatalf("%d stops for %d pictures", len(e.Stops), n)
		}
		if !inside(e.Walk, e.Start.X, e.Start.Z) {
			t.Error("the start is in a wall")
		}
		for i, stop := range e.Stops {
			if !inside(e.Walk, stop.X, stop.Z) {
				t.Errorf("picture %d is looked at from within a wall", i+1)
			}
		}
		where, rooms := hung(n)
		for i, a := range where {
			for _, b := range where[:i] {
				d := a.at.Minus(b.at)
				if dot(d, d) < MostWide*MostWide && a.facing == b.facing {
					t.Errorf("pictures hang over one another: %v and %v", a, b)
				}
			}
		}
		// A rectangle is reached from one before that it overlaps.
		for i, w := range e.Walk[1:] {
			reached := false
			for _, v := range e.Walk[:i+1] {
				reached = reached || w[0] <= v[2] && v[0] <= w[2] && w[1] <= v[3] && v[1] <= w[3]
			}
			if door := w[2]-w[0] < doorWide; door && !reached {
				t.Errorf("the doorway %v leads from nowhere", w)
			}
		}
		if len(e.Walk) != 2*rooms-1 {
			t.Errorf("%d places to walk in %d rooms", len(e.Walk), rooms)
		}
		for _, p := range s.Parts {
			for _, c := range p.Colours {
				if min(c[0], c[1], c[2]) < 0 || max(c[0], c[1], c[2]) > 1 {
					t.Fatalf("%s has the colour %v", p.Name, c)
				}
			}
		}
	})
}

// Walls are looked at from inside: no triangle faces away from the middle of its room.
func TestWallsFaceInside(t *testing.T) {
	s := Build("rooms", []byte("\x89PNG\r\n\x1a\n"), pictures(3))
	middle := mesh.Vec{0, high / 2, 0}
	for _, p := range s.Parts {
		if p.Name != "walls" && p.Name != "floor" && p.Name != "title" {
			continue
		}
		for _, tr := range p.Triangles {
			if dot(p.Normals[tr[0]], middle.Minus(p.Points[tr[0]])) <= 0 {
				t.Fatalf("%s faces outwards at %v", p.Name, p.Points[tr[0]])
			}
		}
	}
	if _, err := s.GLB(); err != nil {
		t.Error(err)
	}
	text, err := json.Marshal(s.Extras)
	if err != nil || len(text) < 50 {
		t.Errorf("%s, error %v", text, err)
	}
}
