package figures

import (
	"math"
	"slices"
	"testing"

	"atelier/internal/noise"
)

// A thing is a textured rectangle that moves by v a frame.
type thing struct {
	y, x, h, w int
	v          [2]float64
	colour     [3]float32
}

// shown are frames of things before a ground of a colour.
func shown(side, frames int, ground [3]float32, things ...thing) *Clip {
	c := &Clip{H: side, W: side, Channels: 3, Low: -1, High: 1}
	s := &Scene{clip: &Clip{H: side, W: side, Channels: 3, Low: -1, High: 1}, ground: ground[:]}
	for k, of := range things {
		rng := noise.Stream(1, uint64(k))
		f := &Figure{light: plane{y: of.y, x: of.x, h: of.h, w: of.w}}
		f.look = make([]plane, 3)
		for i := range f.look {
			f.look[i] = plane{y: of.y, x: of.x, h: of.h, w: of.w}
		}
		for range of.h * of.w {
			bright := 0.6 + 0.4*rng.Float32()
			sum := float32(0)
			for i, v := range of.colour {
				d := bright * (v - ground[i])
				f.look[i].v = append(f.look[i].v, d)
				sum += max(d, -d)
			}
			f.light.v = append(f.light.v, sum/6)
		}
		s.Figures = append(s.Figures, f)
	}
	for t := range frames {
		var at [][2]float64
		for _, of := range things {
			at = append(at, [2]float64{float64(t) * of.v[0], float64(t) * of.v[1]})
		}
		c.Frames = append(c.Frames, s.Draw(at))
	}
	return c
}

func TestFind(t *testing.T) {
	red, white, blue := [3]float32{1, -0.5, -0.5}, [3]float32{1, 1, 1}, [3]float32{-1, -1, 0.2}
	things := []thing{
		{y: 4, x: 4, h: 9, w: 12, v: [2]float64{1.5, 2}, colour: red},
		{y: 20, x: 20, h: 8, w: 8, v: [2]float64{-1, -2.25}, colour: white},
	}
	all := shown(32, 6, blue, things...) // they overlap in the last given frames
	given := *all
	given.Frames = all.Frames[:4]
	s, err := Find(t.Context(), &given, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range all.Frames[4:] {
		s.Follow(frame, 3)
	}
	for _, of := range things {
		least := math.Inf(1)
		for _, f := range s.Figures {
			far := 0.0
			for k, at := range f.At {
				ago := float64(k - 3)
				far = max(far, math.Abs(at[0]-ago*of.v[0]), math.Abs(at[1]-ago*of.v[1]))
			}
			least = min(least, far)
		}
		if least > 0.3 {
			t.Errorf("what moves by %v is found %.2f pixels off", of.v, least)
		}
	}
	var at [][2]float64
	for _, f := range s.Figures {
		at = append(at, f.At[5])
	}
	wrong, still := 0.0, 0.0
	for i, v := range s.Draw(at) {
		wrong += math.Pow(float64(v-all.Frames[5][i]), 2)
		still += math.Pow(float64(all.Frames[3][i]-all.Frames[5][i]), 2)
	}
	if wrong > 0.15*still {
		t.Errorf("squared error of what is drawn is %.2f of that of copying", wrong/still)
	}
}

func TestExtent(t *testing.T) {
	clip := shown(32, 3, [3]float32{-1, -1, -1}, thing{y: 6, x: 10, h: 9, w: 12, v: [2]float64{1, -2}, colour: [3]float32{1, 1, 1}})
	s, err := Find(t.Context(), clip, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	from, to := s.Extent(s.Figures[0])
	for i, want := range [4]float64{8, 6, 17, 18} {
		if got := [4]float64{from[0], from[1], to[0], to[1]}[i]; math.Abs(got-want) > 0.3 {
			t.Errorf("from %v to %v, want 8, 6 to 17, 18", from, to)
		}
	}
}

// What lies between pixels in all frames is found sharper than any of them shows it, and where to a
// small part of a pixel, so that it is drawn anew as it is.
func TestSharpen(t *testing.T) {
	of := thing{y: 6, x: 12, h: 12, w: 12, v: [2]float64{1.37, -0.72}, colour: [3]float32{1, 1, 1}}
	all := shown(32, 9, [3]float32{-1, -1, -1}, of)
	given := *all
	given.Frames = all.Frames[1:5]
	s, err := Find(t.Context(), &given, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	for k, at := range s.Figures[0].At {
		for axis, v := range of.v {
			if off := math.Abs(at[axis] - float64(k-3)*v); off > 0.07 {
				t.Errorf("in frame %d it is found %.3f pixels off", k, off)
			}
		}
	}
	wrong, still := 0.0, 0.0
	for i, v := range s.Draw([][2]float64{{4 * of.v[0], 4 * of.v[1]}}) {
		wrong += math.Pow(float64(v-all.Frames[8][i]), 2)
		still += math.Pow(float64(all.Frames[4][i]-all.Frames[8][i]), 2)
	}
	if wrong > 0.002*still {
		t.Errorf("squared error of what is drawn is %.4f of that of copying", wrong/still)
	}
}

// Light that is next to nothing, or less by rounding, has an extent.
func TestExtentOfLittle(t *testing.T) {
	s := &Scene{clip: &Clip{H: 8, W: 8}}
	for _, v := range [][]float32{{-1e-9, 1e-9}, {-1e-9, -1e-9}, {1, -1}, {0, 1e-30}} {
		from, to := s.Extent(&Figure{light: plane{y: 3, x: 3, h: 1, w: 2, v: v}})
		for axis := range 2 {
			if !(from[axis] >= 3 && from[axis] <= to[axis] && to[axis] <= 5) {
				t.Errorf("%v reaches from %v to %v", v, from, to)
			}
		}
	}
}

// The edges of a thing, which the interpolation between pixels changes, do not go with another one.
func TestEdges(t *testing.T) {
	grey, white := [3]float32{-1, -1, -1}, [3]float32{1, 1, 1}
	things := []thing{
		{y: 3, x: 20, h: 22, w: 9, v: [2]float64{1.3, -1.4}, colour: white},
		{y: 42, x: 12, h: 12, w: 24, v: [2]float64{-1.6, 2.3}, colour: white},
	}
	s, err := Find(t.Context(), shown(64, 4, grey, things...), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range things {
		least := math.Inf(1)
		for _, f := range s.Figures {
			from, to := s.Extent(f)
			y, x := float64(of.y)+3*of.v[0], float64(of.x)+3*of.v[1]
			least = min(least, max(math.Abs(from[0]-y), math.Abs(from[1]-x), math.Abs(to[0]-y-float64(of.h)), math.Abs(to[1]-x-float64(of.w))))
		}
		if least > 1 {
			t.Errorf("the edges of what moves by %v are %.1f pixels off", of.v, least)
		}
	}
}

// Small parts go to what they are nearest to, however many there are.
func TestGather(t *testing.T) {
	const side = 16
	s := &Scene{Figures: make([]*Figure, 2), lights: []plane{newPlane(side, side)}}
	owner := slices.Repeat([]int{-1}, side*side)
	wrong := [][]float32{make([]float32, side*side), make([]float32, side*side)}
	for i := range owner {
		s.lights[0].v[i] = 1
		switch y, x := i/side, i%side; {
		case y < 5:
			owner[i] = 0
		case y > 10:
			owner[i] = 1
		case y == 9 && x == 3, y == 7 && x == 9: // near to the second, and to neither
			owner[i] = 0
		case y == 9 && x == 12:
			owner[i], wrong[1][i] = 0, 1
		}
	}
	s.gather(owner, wrong)
	for _, want := range []struct{ y, x, owner int }{{9, 3, 1}, {7, 9, 0}, {9, 12, 0}, {2, 2, 0}, {12, 2, 1}} {
		if got := owner[want.y*side+want.x]; got != want.owner {
			t.Errorf("pixel %d, %d belongs to %d, want %d", want.y, want.x, got, want.owner)
		}
	}
}

// Frames in which there is nothing, or nothing but noise, and tiny ones are taken apart as well.
func TestNothing(t *testing.T) {
	for _, side := range []int{1, 2, 5, 16} {
		for _, noisy := range []bool{false, true} {
			c := &Clip{H: side, W: side, Channels: 1, Low: -1, High: 1}
			rng := noise.Stream(uint64(side))
			for range 3 {
				f := make([]float32, side*side)
				for i := range f {
					if noisy {
						f[i] = 2*rng.Float32() - 1
					}
				}
				c.Frames = append(c.Frames, f)
			}
			s, err := Find(t.Context(), c, 3, 8)
			if err != nil {
				t.Fatal(err)
			}
			s.Follow(c.Frames[0], 8)
			for _, f := range s.Figures {
				s.Extent(f)
			}
			for _, v := range s.Draw([][2]float64{{1, 1}, {-50, 3}, {0.5, 1e3}}) {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("side %d: %v is drawn", side, v)
				}
			}
		}
	}
}
