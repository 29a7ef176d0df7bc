package augment

import (
	"fmt"

	"atelier/internal/registry"
)

// The fills beyond the edge of the old picture. A picture with a background, black or white,
// repeats its edge; low is for pictures whose background is the lowest value and whose objects
// touch the edge.
const (
	fillEdge = "edge" // the nearest pixel of the old picture
	fillLow  = "low"  // the lowest value of the field: black, or wholly transparent
)

func checkFill(fill string) error {
	if fill != fillEdge && fill != fillLow {
		return registry.Unfit("fill", fmt.Sprintf("want %q or %q, got %q", fillEdge, fillLow, fill))
	}
	return nil
}

// checkRange refuses a setting outside (0, most].
func checkRange(key string, v, most float64) error {
	if !(v > 0 && v <= most) {
		return registry.Unfit(key, fmt.Sprintf("want above 0 and at most %g, got %g", most, v))
	}
	return nil
}
