package bench

import (
	"testing"

	_ "atelier/data/clean" // the cleaners
)

// BenchmarkCollect does works of the suite data, to be profiled.
func BenchmarkCollect(b *testing.B) {
	for _, w := range dataParts {
		if w.name != "idx" && w.name != "jpeg" && w.name != "photos" {
			continue
		}
		b.Run(w.name, func(b *testing.B) {
			for b.Loop() {
				if err := w.measure(&Data{Shorten: 1}, b.Context(), nil, func(r Row) { b.ReportMetric(r.Value, r.Unit[:2]) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
