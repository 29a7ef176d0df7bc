package bench

import "math"

// An ngrams model is a language model of the n-grams of texts, smoothed by how many different tokens
// follow a context (Witten and Bell 1991, doi:10.1109/18.87000).
type ngrams struct {
	order, vocabulary int
	counts            []map[string]int // by order, of a context and a token
	contexts          []map[string]int // by order, of a context
	followers         []map[string]int // by order: different tokens after a context
}

// newNgrams counts the n-grams of up to order tokens of texts.
func newNgrams(order, vocabulary int, texts [][]int32) *ngrams {
	m := &ngrams{order: order, vocabulary: vocabulary}
	for range order {
		m.counts, m.contexts, m.followers = append(m.counts, map[string]int{}), append(m.contexts, map[string]int{}), append(m.followers, map[string]int{})
	}
	for _, text := range texts {
		key := bytesOf(text)
		for end := range text {
			for n := 0; n < order && n <= end; n++ {
				gram := key[2*(end-n) : 2*(end+1)]
				context := gram[:2*n]
				if m.counts[n][gram]++; m.counts[n][gram] == 1 {
					m.followers[n][context]++
				}
				m.contexts[n][context]++
			}
		}
	}
	return m
}

// bytesOf writes two bytes a token.
func bytesOf(text []int32) string {
	b := make([]byte, 0, 2*len(text))
	for _, token := range text {
		b = append(b, byte(token>>8), byte(token))
	}
	return string(b)
}

// nats is the mean negative log-probability of a token of texts.
func (m *ngrams) nats(texts [][]int32) float64 {
	sum, n := 0.0, 0
	for _, text := range texts {
		key := bytesOf(text)
		for end := range text {
			p := 1 / float64(m.vocabulary)
			for k := 0; k < m.order && k <= end; k++ {
				gram := key[2*(end-k) : 2*(end+1)]
				context := gram[:2*k]
				seen, different := float64(m.contexts[k][context]), float64(m.followers[k][context])
				if seen == 0 {
					break
				}
				p = (float64(m.counts[k][gram]) + float64(different*p)) / (seen + different)
			}
			sum -= math.Log(p)
			n++
		}
	}
	return sum / float64(n)
}
