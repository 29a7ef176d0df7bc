package figures

import (
	"math"
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
