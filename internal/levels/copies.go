package levels

import (
	"hash/fnv"
	"slices"

	"atelier/internal/tilemap"
)

// copySide is the side in tiles of the windows by which a level is compared with others.
const copySide = 6

// Copies knows the windows of 6 × 6 tiles of maps and of their mirror images.
type Copies struct {
	in     map[uint64]int32 // which map has a window; shared if several
	shared [2]int           // windows of the maps that another has, and all
}

const shared = -1

// NewCopies knows the windows of maps.
func NewCopies(maps []*tilemap.Map) *Copies {
	c := &Copies{in: map[uint64]int32{}}
	for i, m := range maps {
		for _, m := range []*tilemap.Map{m, m.Mirrored()} {
			windows(m, func(w uint64) {
				if of, known := c.in[w]; known && of != int32(i) {
					c.in[w] = shared
				} else if !known {
					c.in[w] = int32(i)
				}
			})
		}
	}
	for _, m := range maps {
		windows(m, func(w uint64) {
			if c.shared[1]++; c.in[w] == shared {
				c.shared[0]++
			}
		})
	}
	return c
}

// Share is the share of the windows of levels that are known, from 0 to 1.
func (c *Copies) Share(levels ...*tilemap.Map) float64 {
	known, all := 0, 0
	for _, m := range levels {
		windows(m, func(w uint64) {
			all++
			if _, ok := c.in[w]; ok {
				known++
			}
		})
	}
	return float64(known) / float64(max(1, all))
}

// Usual is the share of the windows of the maps that other ones of them have as well.
func (c *Copies) Usual() float64 { return float64(c.shared[0]) / float64(max(1, c.shared[1])) }

// windows calls do with the windows of a map, but for those of a single tile.
func windows(m *tilemap.Map, do func(uint64)) {
	for y := range m.Height - copySide + 1 {
		for x := range m.Width - copySide + 1 {
			cells := m.Part(x, y, copySide, copySide).Cells
			if !slices.ContainsFunc(cells, func(tile rune) bool { return tile != cells[0] }) {
				continue
			}
			h := fnv.New64a()
			h.Write([]byte(string(cells)))
			do(h.Sum64())
		}
	}
}
