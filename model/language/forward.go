package language

import (
	"context"
	"fmt"
	"math"
)

// A Reading is the next part of a text.
type Reading struct {
	Text   *Text
	Tokens []int32
	// Logits receives the logits of the next token after the last one [vocabulary], or after each
	// one [len(Tokens), vocabulary], depending on its length; nil receives none.
	Logits []float32
	// Attention receives the weights with which each token of the part attends to the text up to
	// itself, [place + 1], for every layer and head; nil receives none. It is called from several
	// goroutines, and must not keep the weights.
	Attention func(layer, head, place int, weights []float32)
	// Hidden are places of the text before the part that its tokens cannot attend to.
	Hidden []int
}

// mostRows is the number of tokens processed at once.
const mostRows = 128

// Read reads the next parts of different texts at once. The logits of each depend only on its text.
func (m *Model) Read(ctx context.Context, parts ...Reading) error {
	for _, p := range parts {
		if n := p.Text.n + len(p.Tokens); n > m.Context {
			return errTooLong(m.Context, n)
		}
		for _, t := range p.Tokens {
			if t < 0 || int(t) >= m.Vocabulary {
				return fmt.Errorf("token %d, but the vocabulary has %d", t, m.Vocabulary)
			}
		}
		if n := len(p.Logits); n != 0 && n != m.Vocabulary && n != m.Vocabulary*len(p.Tokens) {
			return fmt.Errorf("room for %d logits; want %d per token", n, m.Vocabulary)
		}
	}
	var rows []row
	for i := range parts {
		p := &parts[i]
		read := p.Text.n
		for k := range p.Tokens {
			if rows = append(rows, row{p, k, read + k}); len(rows) == mostRows {
				if err := m.forward(ctx, rows); err != nil {
					return err
				}
				rows = rows[:0]
			}
		}
	}
	return m.forward(ctx, rows)
}

// A row is one token of a reading.
type row struct {
	part         *Reading
	token, place int // index in the part, and in the text
}

// logits receives the logits after the row's token, nil if not wanted.
func (r row) logits(vocabulary int) []float32 {
	switch p := r.part; {
	case len(p.Logits) == vocabulary*len(p.Tokens):
		return p.Logits[r.token*vocabulary : (r.token+1)*vocabulary]
	case len(p.Logits) > 0 && r.token == len(p.Tokens)-1:
		return p.Logits
	}
	return nil
}

// forward passes rows through all layers, and appends them to their texts.
func (m *Model) forward(ctx context.Context, rows []row) error {
	n := len(rows)
	if n == 0 {
		return nil
	}
	s := m.space(n)
	defer m.spaces.Put(s)
	m.embed(s, rows)
	for i := range m.weights.Layers {
		if err := ctx.Err(); err != nil {
			m.forget(rows)
			return err
		}
		l := &m.weights.Layers[i]
		m.norm(s.normed, s.x, n, l.AttentionNorm)
		m.linear(s, s.normed, n, to{s.q, l.Q}, to{s.k, l.K}, to{s.v, l.V})
		m.turn(s, n, l)
		m.attend(s, rows, i)
		m.linear(s, s.mixed, n, to{s.normed, l.O})
		add(s.x, s.normed)
		m.norm(s.normed, s.x, n, l.FeedNorm)
		m.feed(s, n, l)
		add(s.x, s.normed)
	}
	for _, r := range rows {
		r.part.Text.n = r.place + 1
	}
	m.predict(s, rows)
	return nil
}

// forget undoes what unfinished rows added to their texts.
func (m *Model) forget(rows []row) {
	for _, r := range rows {
		t := r.part.Text
		for i := range t.keys {
			t.keys[i] = t.keys[i][:min(len(t.keys[i]), keysOf(t.n)*m.HeadWidth)]
			t.values[i] = t.values[i][:min(len(t.values[i]), t.n*m.HeadWidth)]
		}
	}
}

// embed looks up the embeddings of rows, and the sines and cosines of their positions.
func (m *Model) embed(s *space, rows []row) {
	pairs := len(m.frequencies)
	for i, r := range rows {
		x := s.x[i*m.Width : (i+1)*m.Width]
		m.weights.Tokens.Row(int(r.part.Tokens[r.token]), x)
		if m.Rotary == nil {
			place := s.normed[:m.Width]
			m.weights.Positions.Row(r.place, place)
			add(x, place)
		}
		for k, f := range m.frequencies {
			sin, cos := math.Sincos(float64(r.place) * f)
			s.sin[i*pairs+k], s.cos[i*pairs+k] = float32(sin), float32(cos)
		}
	}
}

// to is where the product with some weights goes [rows, out].
type to struct {
	dst []float32
	Linear
}

// summed adds numbers, in four sums that do not wait for one another.
func summed(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = a+float64(x[0]), b+float64(x[1]), c+float64(x[2]), d+float64(x[3])
	}
	for _, v := range x {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

// squares adds the squared differences from a number, as summed does.
func squares(x []float32, from float64) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		i, j, k, l := float64(x[0])-from, float64(x[1])-from, float64(x[2])-from, float64(x[3])-from
		a, b, c, d = a+float64(i*i), b+float64(j*j), c+float64(k*k), d+float64(l*l)
	}
	for _, v := range x {
		i := float64(v) - from
		a += float64(i * i)
	}
	return (a + b) + (c + d)
}

// linear multiplies the rows of x by weights of as many columns each.
func (m *Model) linear(s *space, x []float32, rows int, all ...to) {
	s.products, s.matrices = s.products[:0], s.matrices[:0]
	for _, t := range all {
		s.products = append(s.products, t.dst[:rows*t.Weight.Rows])
		s.matrices = append(s.matrices, t.Weight)
	}
	m.kernels.Multiply(s.products, x[:rows*all[0].Weight.Cols], rows, s.matrices)
	for i, t := range all {
		if dst, out := s.products[i], t.Weight.Rows; t.Bias != nil {
			for r := range rows {
				add(dst[r*out:(r+1)*out], t.Bias)
			}
		}
	}
}

// turn normalizes the queries and keys of each head, and rotates them by their positions.
func (m *Model) turn(s *space, rows int, l *Layer) {
	if l.QNorm.Scale != nil {
		m.norm(s.q, s.q, rows*m.Heads, l.QNorm)
		m.norm(s.k, s.k, rows*m.KVHeads, l.KNorm)
	}
	pairs := len(m.frequencies)
	if pairs == 0 {
		return
	}
	rotate := func(x []float32, heads int) {
		for r := range rows {
			sin, cos := s.sin[r*pairs:(r+1)*pairs], s.cos[r*pairs:(r+1)*pairs]
			for h := range heads {
				m.Rotary.rotate(x[(r*heads+h)*m.HeadWidth:(r*heads+h+1)*m.HeadWidth], sin, cos)
			}
		}
	}
	rotate(s.q, m.Heads)
	rotate(s.k, m.KVHeads)
}

// rotate rotates the pairs of a head.
func (r *Rotary) rotate(x, sin, cos []float32) {
	if r.Halves {
		lower, upper := x[:len(sin)], x[len(sin):]
		for i, a := range lower {
			b := upper[i]
			lower[i], upper[i] = a*cos[i]-b*sin[i], b*cos[i]+a*sin[i]
		}
		return
	}
	for i := range sin {
		a, b := x[2*i], x[2*i+1]
		x[2*i], x[2*i+1] = a*cos[i]-b*sin[i], b*cos[i]+a*sin[i]
	}
}

// predict computes the wanted logits of rows.
func (m *Model) predict(s *space, rows []row) {
	var wanted []int
	for i, r := range rows {
		if r.logits(m.Vocabulary) != nil {
			wanted = append(wanted, i)
		}
	}
	if len(wanted) == 0 {
		return
	}
	for to, i := range wanted {
		m.norm(s.normed[to*m.Width:], s.x[i*m.Width:], 1, m.weights.Norm)
	}
	table := m.weights.Output
	if table.Empty() {
		table = m.weights.Tokens
	}
	s.last = resized(s.last, len(wanted)*m.Vocabulary)
	m.linear(s, s.normed, len(wanted), to{s.last, Linear{Weight: table}})
	for k, i := range wanted {
		copy(rows[i].logits(m.Vocabulary), s.last[k*m.Vocabulary:])
	}
}

// add adds x to dst.
func add(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] += v
	}
}
