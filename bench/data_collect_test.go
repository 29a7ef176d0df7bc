package bench

import (
	"testing"

	_ "atelier/data/clean" // the cleaners
)

// BenchmarkCollect does works of the suite data, to be profiled.
func BenchmarkCollect(b *testing.B) {
	for _, w := range dataWorks {
		if w.name != "idx" && w.name != "jpeg" && w.name != "photos" {
			continue
		}
		b.Run(w.name, func(b *testing.B) {
			for b.Loop() {
				if err := w.run(b.Context(), nil, 1, func(r Row) { b.ReportMetric(r.Value, r.Unit[:2]) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
