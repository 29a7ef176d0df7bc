package cpu

import (
	"testing"

	"github.com/gomlx/compute/support/backendtest"

	"atelier/engine/simd"
)

func TestConformance(t *testing.T) {
	for _, path := range simd.Paths() {
		t.Run(string(path), func(t *testing.T) {
			b, err := New(path, 2)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.RunAll(t, b, nil)
		})
	}
}
