package rooms

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"atelier/internal/mesh"
	"atelier/internal/noise"
)

// A lamp hangs below the ceiling and shines on a picture.
type lamp struct{ at, towards mesh.Vec }

// The light, relative to white.
const (
	ambient  = 0.46
	brightly = 3.9  // of a lamp at a metre
	before   = 2.2  // metres that a lamp hangs from the wall
	cone     = 0.6  // cosine of the angle at which a lamp no longer shines
	corner   = 0.35 // share of the light that is missing in corners
	within   = 0.45 // metres from a corner at which that has fallen to a third
)

// lampsOf hangs a lamp before each picture.
func lampsOf(where []slot) (all [][]lamp) {
	for _, s := range where {
		for len(all) <= s.room {
			all = append(all, nil)
		}
		at := s.at.Plus(s.facing.Times(before))
		at[1] = high - 0.1
		all[s.room] = append(all[s.room], lamp{at, s.at.Minus(at).Unit()})
	}
	return all
}

// light is how bright a point of a room is, from 0 to 1: what comes from everywhere, less in
// corners, and from the lamps, without shadows.
func (b *builder) light(room int, at, normal mesh.Vec) float32 {
	z := at[2] - centre(room)
	open := float32(1)
	for axis, distances := range [3][2]float32{{wide/2 - at[0], wide/2 + at[0]}, {at[1], high - at[1]}, {long/2 - z, long/2 + z}} {
		if normal[axis] != 0 { // it lies on one of these walls
			continue
		}
		for _, d := range distances {
			open *= 1 - corner*float32(math.Exp(-float64(max(d, 0))/within))
		}
	}
	sum := ambient * open
	if room < len(b.lamps) {
		for _, l := range b.lamps[room] {
			to := at.Minus(l.at)
			distance := float32(math.Sqrt(float64(dot(to, to))))
			to = to.Times(1 / max(distance, 0.01))
			spread, facing := dot(to, l.towards), -dot(to, normal)
			if spread > cone && facing > 0 {
				edge := min((spread-cone)/(1-cone)*1.2, 1)
				sum += brightly * facing * edge * edge * (3 - 2*edge) / max(distance*distance, 1)
			}
		}
	}
	return min(sum, 1)
}

func dot(v, w mesh.Vec) float32 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

// planks are the texture of a wooden floor, as a JPEG.
func planks() []byte {
	const side, wideness, lengthness = 256, 16, 128 // a plank of 12.5 cm × 1 m
	random := func(key ...uint64) float64 {
		bits := uint64(0)
		for _, k := range key {
			bits = noise.Bits(bits ^ noise.Bits(k))
		}
		return float64(bits>>40) / (1 << 24)
	}
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		row := y / wideness
		shift := int(random(1, uint64(row)) * lengthness)
		for x := range side {
			along := (x + shift) % side
			plank := uint64(along/lengthness) + 2*uint64(row)
			shade := 0.8 + 0.2*random(2, plank)
			grain := 0.94 + 0.06*math.Sin(float64(y%wideness)*(0.8+random(3, plank))+3*math.Sin(float64(along)/(20+20*random(4, plank))))
			if y%wideness == 0 || along%lengthness == 0 {
				grain *= 0.72
			}
			v := shade * grain
			img.SetNRGBA(x, y, color.NRGBA{uint8(196 * v), uint8(154 * v), uint8(112 * v), 255})
		}
	}
	var out bytes.Buffer
	jpeg.Encode(&out, img, &jpeg.Options{Quality: 88}) // of a small picture into memory: it does not fail
	return out.Bytes()
}
