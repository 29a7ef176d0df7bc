package arch

import (
	"fmt"
	"strings"

	"atelier/data"
)

// A level is one resolution of a network.
type level struct{ height, width, channels int }

// Supported picture sides, and the smallest side within a network.
const (
	pyramidLeast, pyramidMost = 16, 256
	pyramidTop                = 4
)

// pyramid returns the resolutions of a network, each twice the one before, from a shorter
// side of 4 to 7 pixels up to the target. The last has the given number of channels, each
// lower one twice as many, up to the limit. With a patch of 2 the last is left out: D's
// first convolution halves the picture, and G's last one doubles it.
func pyramid(target data.Field, channels, limit, patch int) ([]level, error) {
	if channels < 1 || channels > 1024 {
		return nil, fmt.Errorf("want a width of 1 to 1024, got %d; 16 is usual", channels)
	}
	if limit < channels || limit > 4096 {
		return nil, fmt.Errorf("limit %d is not between the width %d and 4096; 128 is usual", limit, channels)
	}
	if patch != 1 && patch != 2 {
		return nil, fmt.Errorf("patch %d: want 1 or 2", patch)
	}
	if target.Kind != data.Pixels || len(target.Shape) != 3 {
		return nil, fmt.Errorf("it is for pictures, not %v", target)
	}
	height, width := target.Shape[0], target.Shape[1]
	if min(height, width) < pyramidLeast || max(height, width) > pyramidMost {
		return nil, fmt.Errorf("it is for pictures of %d to %d pixels a side, not %v; set the size of the data to one in this range", pyramidLeast, pyramidMost, target)
	}
	unit := pyramidUnit(height, width)
	if height%unit != 0 || width%unit != 0 {
		return nil, fmt.Errorf("pictures are halved until a side is below 8 pixels, but %v does not halve evenly; set the size of the data to %s", target, pyramidSizes(height, width))
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

// pyramidSizes names the nearest supported sizes below and above an unsupported one.
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
