package arch

import (
	"fmt"
	"strings"

	"atelier/data"
)

// A level is one of the sizes that a picture has within a network.
type level struct{ height, width, channels int }

// Sides of the pictures that a pyramid is for, and the least side within it.
const (
	pyramidLeast, pyramidMost = 16, 256
	pyramidTop                = 4
)

// pyramid returns the sizes that a picture has within a network, each twice the one
// before, from one whose shorter side is 4 to 7 pixels to that of the target. The last
// has so many channels, each one before twice as many, but no more than the limit. With
// a patch of 2 it is left out: D's first convolution halves the picture, and G's last
// one doubles it.
func pyramid(target data.Field, channels, limit, patch int) ([]level, error) {
	if channels < 1 || channels > 1024 {
		return nil, fmt.Errorf("width %d is not in 1..1024; usual is 16", channels)
	}
	if limit < channels || limit > 4096 {
		return nil, fmt.Errorf("limit %d is not in %d..4096, from the width on; usual is 128", limit, channels)
	}
	if patch != 1 && patch != 2 {
		return nil, fmt.Errorf("patch %d: want 1 or 2", patch)
	}
	if target.Kind != data.Pixels || len(target.Shape) != 3 {
		return nil, fmt.Errorf("it is for pictures, not %v", target)
	}
	height, width := target.Shape[0], target.Shape[1]
	if min(height, width) < pyramidLeast || max(height, width) > pyramidMost {
		return nil, fmt.Errorf("it is for pictures of %d to %d pixels a side, not %v; set the size of the data to some in between", pyramidLeast, pyramidMost, target)
	}
	unit := pyramidUnit(height, width)
	if height%unit != 0 || width%unit != 0 {
		return nil, fmt.Errorf("it halves pictures until a side is less than 8 pixels, and %v does not halve evenly; set the size of the data to %s", target, pyramidSizes(height, width))
	}
	var levels []level
	for ; unit > 0; unit /= 2 {
		levels = append(levels, level{height / unit, width / unit, min(channels*unit, limit)})
	}
	if patch == 2 {
		levels = levels[:len(levels)-1]
	}
	return levels, nil
}

// pyramidUnit is what both sides must be multiples of.
func pyramidUnit(height, width int) int {
	unit := 1
	for min(height, width)/unit >= 2*pyramidTop {
		unit *= 2
	}
	return unit
}

// pyramidSizes names the sizes next to one that does not do, below and above.
func pyramidSizes(height, width int) string {
	unit := pyramidUnit(height, width)
	sizes := []string{fmt.Sprintf("%d×%d", height/unit*unit, width/unit*unit)}
	for ; unit <= pyramidMost; unit *= 2 {
		h, w := (height+unit-1)/unit*unit, (width+unit-1)/unit*unit
		if pyramidUnit(h, w) == unit && max(h, w) <= pyramidMost {
			sizes = append(sizes, fmt.Sprintf("%d×%d", h, w))
			break
		}
	}
	return strings.Join(sizes, " or ")
}
