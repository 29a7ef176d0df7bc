package weights

import (
	"strconv"
	"strings"

	"github.com/gomlx/compute/shapes"
)

// A Misfit is a variable that a file cannot set, and why.
type Misfit struct{ Name, Reason string }

// String names the variable and the reason.
func (m Misfit) String() string { return m.Name + ": " + m.Reason }

// dimensions formats a shape, such as 64 × 32 float32.
func dimensions(s shapes.Shape) string {
	sizes := make([]string, len(s.Dimensions))
	for i, d := range s.Dimensions {
		sizes[i] = strconv.Itoa(d)
	}
	return strings.TrimSpace(strings.Join(sizes, " × ") + " " + strings.ToLower(s.DType.String()))
}
