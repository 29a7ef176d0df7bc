package metric

import (
	"errors"
	"testing"
)

func TestClassAccuracyByHand(t *testing.T) {
	p := []float64{0.7, 0.3, 0.4, 0.6, 0.9, 0.1, 0.2, 0.8}
	if got, err := accuracy(p, []int32{0, 1, 1, 1}, 2); err != nil || got != 0.75 {
		t.Errorf("%v (%v), want 0.75", got, err)
	}
	if _, err := accuracy(p, []int32{0, 1}, 2); !errors.Is(err, ErrNotApplicable) {
		t.Errorf("two labels for four rows: %v", err)
	}
}
