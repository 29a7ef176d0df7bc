package conv

import "atelier/engine/simd"

// gatherFor returns the gather of a path.
func gatherFor(simd.Path) gather { return gatherGo }

// gatherGo takes four vectors at a time, so that they are written together.
func gatherGo(dst []float32, width int, src []float32, base int, offsets []int, depth int) {
	i := 0
	for ; i+4 <= len(offsets); i += 4 {
		o := offsets[i : i+4]
		if o[0] == absent || o[1] == absent || o[2] == absent || o[3] == absent {
			for j, offset := range o {
				gatherOne(dst[i+j:], width, src, base, offset, depth)
			}
			continue
		}
		a, b, c, d := src[base+o[0]:][:depth], src[base+o[1]:][:depth], src[base+o[2]:][:depth], src[base+o[3]:][:depth]
		at := i
		for p := range a {
			*(*[4]float32)(dst[at:]) = [4]float32{a[p], b[p], c[p], d[p]}
			at += width
		}
	}
	for ; i < len(offsets); i++ {
		gatherOne(dst[i:], width, src, base, offsets[i], depth)
	}
}

func gatherOne(dst []float32, width int, src []float32, base, offset, depth int) {
	if offset == absent {
		for p := range depth {
			dst[p*width] = 0
		}
		return
	}
	for p, x := range src[base+offset:][:depth] {
		dst[p*width] = x
	}
}
