package language

import (
	"math"

	"atelier/internal/quant"
)

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
	width, kv, group := m.HeadWidth, m.KVHeads*m.HeadWidth, m.Heads/m.KVHeads
	text := rows[p.first].part.Text
	at := layer*m.KVHeads + head
	keys, values := text.keys[at], text.values[at]
	keys, values = grown(keys, p.rows*width, width), grown(values, p.rows*width, width)
	for r := p.first; r < p.first+p.rows; r++ {
		keys = append(keys, s.k[r*kv+head*width:r*kv+(head+1)*width]...)
		values = append(values, s.v[r*kv+head*width:r*kv+(head+1)*width]...)
	}
	text.keys[at], text.values[at] = keys, values

	scratch := m.space(0)
	defer m.spaces.Put(scratch)
	scale := float32(1 / math.Sqrt(float64(width)))
	block := max(queriesAtOnce/group, 1)
	for begin := p.first; begin < p.first+p.rows; begin += block {
		end := min(begin+block, p.first+p.rows)
		n, time := (end-begin)*group, rows[end-1].place+1
		queries := resized(scratch.queries, n*width)
		scores := resized(scratch.scores, n*time)
		scratch.queries, scratch.scores = queries, scores
		for r := begin; r < end; r++ {
			from := s.q[(r*m.KVHeads+head)*group*width : (r*m.KVHeads+head+1)*group*width]
			to := queries[(r-begin)*group*width : (r-begin+1)*group*width]
			for i, v := range from {
				to[i] = v * scale
			}
		}
		m.kernels.Multiply(scores, queries, n, of(keys, time, width)) // [rows·group, time]
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
			m.kernels.Mix(s.mixed[out:out+width], seen, values[:len(seen)*width])
		}
	}
}

// firstPlaces is the number of places of a text for which a cache has room at first.
const firstPlaces = 64

// grown returns a cache of places of a width with room for n more numbers, doubling the capacity
// if it must be reallocated.
func grown(s []float32, n, width int) []float32 {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]float32, 0, max(2*cap(s), len(s)+n, firstPlaces*width)), s...)
}

// of returns a matrix [time, width] of the first numbers of a cache.
func of(cache []float32, time, width int) quant.Matrix {
	return quant.Dense(cache[:time*width], time)
}
