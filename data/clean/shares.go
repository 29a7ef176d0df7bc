package clean

import (
	"fmt"

	"atelier/internal/registry"
)

// A share is a setting between 0 and 1.
type share struct {
	key   string
	value float64
}

// checkShares refuses the first share that is not between 0 and 1.
func checkShares(all ...share) error {
	for _, s := range all {
		if !(s.value >= 0 && s.value <= 1) {
			return registry.Unfit(s.key, fmt.Sprintf("want 0 to 1, got %g", s.value))
		}
	}
	return nil
}
