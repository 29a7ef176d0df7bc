package cutout

import "atelier/model/patch"

// What a trimap holds for each pixel.
const (
	Outside uint8 = 0
	Unknown uint8 = 128
	Inside  uint8 = 255
)

// Band is a trimap that leaves unknown what is within some pixels of the edge of a subject.
func Band(inside []bool, w, by int) []uint8 {
	outside := make([]bool, len(inside))
	for i, in := range inside {
		outside[i] = !in
	}
	near, far := patch.Grown(inside, w, by), patch.Grown(outside, w, by)
	trimap := make([]uint8, len(inside))
	for i := range trimap {
		switch {
		case near[i] && far[i]:
			trimap[i] = Unknown
		case inside[i]:
			trimap[i] = Inside
		}
	}
	return trimap
}
