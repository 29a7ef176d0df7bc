package language

import "math"

// queriesAtOnce is roughly the number of queries of a head that are compared with its keys at once.
const queriesAtOnce = 32

// smallAttention is the number of score products below which one thread is enough.
const smallAttention = 1 << 15

// hiddenScore is that of a place that must not be seen: its weight is 0.
const hiddenScore = -1e30

// A segment is a run of rows of the same text.
type segment struct{ first, rows int }

// segments cuts rows into texts.
func segments(rows []row) (all []segment) {
	for i, r := range rows {
		if i == 0 || rows[i-1].part != r.part {
			all = append(all, segment{first: i})
		}
		all[len(all)-1].rows++
	}
	return all
}

// attend writes the attention output of the rows to s.mixed [rows, heads·headWidth], after
// appending their keys and values to a layer's caches.
func (m *Model) attend(s *space, rows []row, layer int) {
	parts := segments(rows)
	work := 0
	for _, p := range parts {
		work += p.rows * (rows[p.first].place + p.rows) * m.Heads * m.HeadWidth
	}
	task := func(_, i int) { m.attendHead(s, rows, parts[i/m.KVHeads], layer, i%m.KVHeads) }
	tasks := len(parts) * m.KVHeads
	if work < smallAttention {
		for i := range tasks {
			task(0, i)
		}
		return
	}
	m.kernels.Run(tasks, task)
}

// attendHead does that for the queries of one key-value head.
func (m *Model) attendHead(s *space, rows []row, p segment, layer, head int) {
	width, group := m.HeadWidth, m.Heads/m.KVHeads
	m.remember(s, rows, p, layer, head)
	text := rows[p.first].part.Text
	keys, values := text.keys[layer*m.KVHeads+head], text.values[layer*m.KVHeads+head]

	room := m.scratches.Get().(*scratch)
	defer m.scratches.Put(room)
	block := max(queriesAtOnce/group, 1)
	for begin := p.first; begin < p.first+p.rows; begin += block {
		end := min(begin+block, p.first+p.rows)
		n, time := (end-begin)*group, up(rows[end-1].place+1, scoresAtOnce)
		queries, scores := room.take(n*width, n*time)
		m.scaled(queries, s.q, begin, end, head)
		for place := 0; place < time; place += keysAtOnce { // [rows·group, time]
			some, columns := keys[place*width:(place+keysAtOnce)*width], min(keysAtOnce, time-place)
			for i := range n {
				if place <= rows[begin+i/group].place {
					m.kernels.Mix(scores[i*time+place:][:columns], queries[i*width:(i+1)*width], some, keysAtOnce)
				}
			}
		}
		for i := range n {
			r := begin + i/group
			seen := scores[i*time : i*time+rows[r].place+1]
			for _, place := range rows[r].part.Hidden {
				if place < rows[p.first].place {
					seen[place] = hiddenScore
				}
			}
			m.kernels.Softmax(seen)
			if told := rows[r].part.Attention; told != nil {
				told(layer, head*group+i%group, rows[r].place, seen)
			}
			out := (r*m.Heads + head*group + i%group) * width
			m.kernels.Mix(s.mixed[out:out+width], seen, values, width)
		}
	}
}

// remember appends the keys and values of a head to the cache.
func (m *Model) remember(s *space, rows []row, p segment, layer, head int) {
	width, kv := m.HeadWidth, m.KVHeads*m.HeadWidth
	text, at := rows[p.first].part.Text, layer*m.KVHeads+head
	keys, values := text.keys[at], text.values[at]
	last := rows[p.first+p.rows-1].place + 1
	keys = grown(keys, keysOf(last)*width-len(keys), width)[:keysOf(last)*width]
	values = grown(values, p.rows*width, width)
	for r := p.first; r < p.first+p.rows; r++ {
		from := r*kv + head*width
		lane := keys[rows[r].place/keysAtOnce*keysAtOnce*width+rows[r].place%keysAtOnce:]
		for i, v := range s.k[from : from+width] {
			lane[i*keysAtOnce] = v
		}
		values = append(values, s.v[from:from+width]...)
	}
	text.keys[at], text.values[at] = keys, values
}

// scaled writes the queries of a head to dst, divided by the root of their width.
func (m *Model) scaled(dst, q []float32, begin, end, head int) {
	size, scale := m.Heads/m.KVHeads*m.HeadWidth, float32(1/math.Sqrt(float64(m.HeadWidth)))
	for r := begin; r < end; r++ {
		from := (r*m.KVHeads + head) * size
		for i, v := range q[from : from+size] {
			dst[(r-begin)*size+i] = v * scale
		}
	}
}

// scratch is the memory of a thread for attention.
type scratch struct{ queries, scores []float32 }

// take returns so many queries' numbers and scores.
func (s *scratch) take(queries, scores int) ([]float32, []float32) {
	s.queries, s.scores = resized(s.queries, queries), resized(s.scores, scores)
	return s.queries, s.scores
}

const (
	// keysAtOnce is the number of places whose keys are interleaved, so that products with a query
	// are sums of vectors.
	keysAtOnce = 64
	// scoresAtOnce is the number of scores computed together, some of which may not be needed.
	scoresAtOnce = 16
	// firstPlaces is the number of places of a text for which a cache has room at first.
	firstPlaces = 64
)

// keysOf is the number of places for which there are keys if there are n.
func keysOf(n int) int { return up(n, keysAtOnce) }

// up is the next multiple.
func up(n, of int) int { return (n + of - 1) / of * of }

// grown returns a cache of places of a width with room for n more numbers, doubling the capacity
// if it must be reallocated.
func grown(s []float32, n, width int) []float32 {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]float32, 0, max(2*cap(s), len(s)+n, firstPlaces*width)), s...)
}
