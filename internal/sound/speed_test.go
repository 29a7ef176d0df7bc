package sound

import (
	"testing"

	"atelier/internal/arrange"
)

// BenchmarkRender plays a piece of four parts.
func BenchmarkRender(b *testing.B) {
	book, err := arrange.Own()
	if err != nil {
		b.Fatal(err)
	}
	s, err := book.Arrange(arrange.Order{Style: "rock", Bars: 16, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	font, err := Own()
	if err != nil {
		b.Fatal(err)
	}
	seconds := 0.0
	for b.Loop() {
		r, _, err := Play(b.Context(), s, font, -16, nil)
		if err != nil {
			b.Fatal(err)
		}
		seconds += r.Seconds()
	}
	b.ReportMetric(seconds/b.Elapsed().Seconds(), "×real-time")
}
