package summary

// A rated sentence has not been taken yet; its gain was computed at some earlier time. Since gains
// only decrease, it is recomputed when the sentence reaches the front.
type rated struct {
	at    int
	value float64
}

// A queue is a heap of sentences, the best first, then in text order. It implements
// [container/heap.Interface].
type queue struct{ values []rated }

func (q *queue) Len() int { return len(q.values) }

func (q *queue) Less(i, j int) bool {
	a, b := q.values[i], q.values[j]
	return a.value > b.value || a.value == b.value && a.at < b.at
}

func (q *queue) Swap(i, j int) { q.values[i], q.values[j] = q.values[j], q.values[i] }

func (q *queue) Push(x any) { q.values = append(q.values, x.(rated)) }

func (q *queue) Pop() any {
	last := q.values[len(q.values)-1]
	q.values = q.values[:len(q.values)-1]
	return last
}
