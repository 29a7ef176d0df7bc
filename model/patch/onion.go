package patch

import (
	"context"
	"math"
)

// onion fills the hole from the outside in: each pixel from the patch whose known part matches
// best.
func (l *level) onion(ctx context.Context, m Matcher) error {
	var sources, blocksAt []int32
	for place, ok := range l.allowed {
		if ok {
			sources = append(sources, int32(place))
			blocksAt = append(blocksAt, int32((place/l.tw*l.w+place%l.tw)*l.c))
		}
	}
	known := make([]uint8, len(l.pix)) // 255 where there is something to compare
	todo := make([]bool, len(l.hole))
	for i, in := range l.hole {
		if todo[i] = in; !in {
			l.know(known, i)
		}
	}
	for {
		ring := l.ring(todo)
		if len(ring) == 0 {
			return nil
		}
		from := make([]int32, len(ring))
		if err := blocks(ctx, m, len(ring), 4, func(first, end int) {
			found := make([]int32, len(sources))
			for k := first; k < end; k++ {
				x, y := int(ring[k])%l.w, int(ring[k])/l.w
				tx, ty := min(max(x-side/2, 0), l.tw-1), min(max(y-side/2, 0), l.th-1)
				at := (ty*l.w + tx) * l.c
				m.Masked(found, blocksAt, l.pix[at:], known[at:], l.stride(), l.pix, l.stride(), side*l.c, side)
				best, least := 0, int32(math.MaxInt32)
				for i, d := range found {
					if d < least {
						best, least = i, d
					}
				}
				s := int(sources[best])
				from[k] = int32((s/l.tw+y-ty)*l.w + s%l.tw + x - tx)
			}
		}); err != nil {
			return err
		}
		for k, i := range ring {
			copy(l.pix[int(i)*l.c:][:l.c], l.pix[int(from[k])*l.c:])
			l.know(known, int(i))
			todo[i] = false
		}
	}
}

// know marks a pixel as known.
func (l *level) know(known []uint8, i int) {
	for c := range l.c {
		known[i*l.c+c] = 255
	}
}

// ring are the pixels of a mask that have a neighbour outside it.
func (l *level) ring(mask []bool) (ring []int32) {
	for i, in := range mask {
		if !in {
			continue
		}
		x, y := i%l.w, i/l.w
		if x > 0 && !mask[i-1] || x+1 < l.w && !mask[i+1] || y > 0 && !mask[i-l.w] || y+1 < l.h && !mask[i+l.w] {
			ring = append(ring, int32(i))
		}
	}
	return ring
}
