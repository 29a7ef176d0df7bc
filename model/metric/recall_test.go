package metric

import "testing"

// TestRecallByHand has four pictures; the last two have one caption, and the second fits the first
// caption better than its own.
func TestRecallByHand(t *testing.T) {
	pictures := []float32{1, 0, 0.8, 0.6, 0, 1, 0, 1}
	captions := []float32{1, 0, 0.6, 0.8, 0, 1, -1, 0}
	key := []string{"a", "b", "c", "c"}
	for _, c := range []struct {
		k                      int
		ofCaptions, ofPictures float64
	}{
		// Captions of pictures: a is first; b with 0.96 is first; c is first of both pictures.
		// Pictures of captions: a first; b ties nothing: 0.96 is its own and 0.8 that of c; c first;
		// the last caption, of c, is at 0 from its pictures, and at less from the others.
		{1, 1, 1},
		{2, 1, 1},
	} {
		a, b := Recall(pictures, captions, 2, c.k, key)
		if a != c.ofCaptions || b != c.ofPictures {
			t.Errorf("recall at %d: %v, %v, want %v, %v", c.k, a, b, c.ofCaptions, c.ofPictures)
		}
	}
	// Every caption is the opposite of its picture: none is found before all others are.
	opposite := []float32{-1, 0, 0, -1, 0.6, 0.8}
	own := []float32{1, 0, 0, 1, -0.6, -0.8}
	if a, b := Recall(own, opposite, 2, 2, []string{"a", "b", "c"}); a != 0 || b != 0 {
		t.Errorf("opposites: %v, %v", a, b)
	}
	if a, b := Recall(own, opposite, 2, 3, []string{"a", "b", "c"}); a != 1 || b != 1 {
		t.Errorf("opposites among three: %v, %v", a, b)
	}
	// Vectors that are all the same find nothing.
	if a, _ := Recall([]float32{1, 0, 1, 0}, []float32{1, 0, 1, 0}, 2, 1, []string{"a", "b"}); a != 0 {
		t.Errorf("equal vectors: %v", a)
	}
}
