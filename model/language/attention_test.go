package language

import (
	"math"
	"slices"
	"sync"
	"testing"
)

// Attention is told for every layer, head and token; it adds up to 1, and looking at it changes
// nothing. What is hidden has no weight, the rest adds up to 1 again, and hiding what had none
// changes nothing.
func TestAttentionIsTold(t *testing.T) {
	text := []int32{3, 0, 10, 7, 7, 1}
	last := len(text) - 1
	for name := range shapesOf {
		m := randomModel(t, name)
		plain := make([]float32, m.Vocabulary)
		before := m.NewText()
		if err := m.Read(t.Context(), Reading{Text: before, Tokens: text[:last]}); err != nil {
			t.Fatal(err)
		}
		if err := m.Read(t.Context(), Reading{Text: before.Clone(), Tokens: text[last:], Logits: plain}); err != nil {
			t.Fatal(err)
		}
		read := func(hidden []int) []float32 {
			logits := make([]float32, m.Vocabulary)
			var mu sync.Mutex
			calls := 0
			err := m.Read(t.Context(), Reading{Text: before.Clone(), Tokens: text[last:], Logits: logits, Hidden: hidden, Attention: func(_, _, place int, weights []float32) {
				mu.Lock()
				defer mu.Unlock()
				calls++
				sum := 0.
				for i, w := range weights {
					if sum += float64(w); slices.Contains(hidden, i) && i < last && w != 0 {
						t.Errorf("%s: the hidden place %d has the weight %g", name, i, w)
					}
				}
				if place != last || len(weights) != last+1 || math.Abs(sum-1) > 1e-5 {
					t.Errorf("%s: place %d, %d weights that add up to %g", name, place, len(weights), sum)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if calls != m.Heads*len(m.weights.Layers) {
				t.Errorf("%s: told %d times", name, calls)
			}
			return logits
		}
		if !slices.Equal(read(nil), plain) {
			t.Errorf("%s: looking at attention changes logits", name)
		}
		if slices.Equal(read([]int{0, 2}), plain) {
			t.Errorf("%s: hiding changes nothing", name)
		}
		if !slices.Equal(read([]int{last}), plain) {
			t.Errorf("%s: a token cannot attend to itself any more", name)
		}
	}
}
