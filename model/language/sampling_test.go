package language

import (
	"math"
	"testing"

	"atelier/internal/noise"
)

// TestSampling compares the frequencies of many draws with known probabilities.
func TestSampling(t *testing.T) {
	logits := []float32{float32(math.Log(1)), float32(math.Log(4)), float32(math.Log(2)), float32(math.Log(1))}
	for _, c := range []struct {
		how  Sampling
		want [4]float64
	}{
		{Plain, [4]float64{1. / 8, 4. / 8, 2. / 8, 1. / 8}},
		{Sampling{Temperature: 0.5, TopP: 1}, [4]float64{1. / 22, 16. / 22, 4. / 22, 1. / 22}},
		{Sampling{Temperature: 1, TopK: 2, TopP: 1}, [4]float64{0, 4. / 6, 2. / 6, 0}},
		{Sampling{Temperature: 1, TopP: 0.6}, [4]float64{0, 4. / 6, 2. / 6, 0}},
		{Sampling{Temperature: 1, TopP: 0.8}, [4]float64{1. / 7, 4. / 7, 2. / 7, 0}},
		{Sampling{Temperature: 0, TopP: 1}, [4]float64{0, 1, 0, 0}},
		{Sampling{Temperature: 1, TopP: 1, MinP: 0.4}, [4]float64{0, 4. / 6, 2. / 6, 0}},
	} {
		const n = 20000
		sampler := newTokenSampler(c.how, plain{}, noise.Stream(1), 4)
		var got [4]float64
		for range n {
			token, _ := sampler.sample(logits)
			got[token] += 1. / n
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 0.015 || c.want[i] == 0 && got[i] > 0 {
				t.Errorf("%+v: shares %v, want %v", c.how, got, c.want)
			}
		}
	}
	for _, bad := range []Sampling{{Temperature: -1, TopP: 1}, {Temperature: math.NaN(), TopP: 1}, {TopK: -1, TopP: 1}, {TopP: 0}, {TopP: 1.5}} {
		if bad.Check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
