package feature

import (
	"fmt"
	"slices"

	"atelier/data"
)

// rows is the count of samples in a column of floats.
func rows(samples *data.Column) int { return len(samples.Floats) / samples.Field.Size() }

// sameShape returns an error unless the samples are what the space was opened for.
func sameShape(f data.Field, samples *data.Column) error {
	if samples.Field.Kind != f.Kind || !slices.Equal(samples.Field.Shape, f.Shape) {
		return fmt.Errorf("the space was opened for %v, the samples are %v", f, samples.Field)
	}
	return nil
}
