package bench

import (
	"testing"

	_ "atelier/data/clean" // the cleaners
)

// BenchmarkCollectIDX is the work idx of the suite data, to be profiled.
func BenchmarkCollectIDX(b *testing.B) {
	for b.Loop() {
		if err := collectIDX(b.Context(), nil, func(r Row) { b.ReportMetric(r.Value, "pictures/s") }); err != nil {
			b.Fatal(err)
		}
	}
}
