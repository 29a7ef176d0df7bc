package metric

import "atelier/internal/vectors"

// Recall is the share of works whose caption is among the k captions that fit best, and of captions
// whose picture is among the k pictures that fit best, from unit vectors [n, width] of each, row i of
// both belonging together. Equal captions, by key, are one: any of them is right for a picture, and
// any of their pictures for each (Karpathy and Fei-Fei 2015, arXiv:1412.2306, section 4.1).
func Recall(pictures, captions []float32, width, k int, key []string) (ofCaptions, ofPictures float64) {
	return recall(pictures, captions, width, k, key), recall(captions, pictures, width, k, key)
}

// recall is the share of rows of asked among whose k nearest rows of known one has its key. What is
// as near as the right one counts as nearer.
func recall(asked, known []float32, width, k int, key []string) float64 {
	found := 0
	row := func(all []float32, i int) []float32 { return all[i*width : (i+1)*width] }
	scores := make([]float64, len(key))
	for i := range key {
		best := -2.
		for j := range key {
			scores[j] = vectors.Product(row(asked, i), row(known, j))
			if key[j] == key[i] {
				best = max(best, scores[j])
			}
		}
		before := 0
		for j, s := range scores {
			if s >= best && key[j] != key[i] {
				before++
			}
		}
		if before < k {
			found++
		}
	}
	return float64(found) / float64(max(1, len(key)))
}
