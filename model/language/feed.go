package language

import "math"

// feed replaces the normalized rows by the output of the feed-forward network.
func (m *Model) feed(s *space, rows int, l *Layer) {
	active := s.up
	if l.Gate.Weight.Empty() {
		m.linear(s, s.normed, rows, to{s.up, l.FeedUp})
	} else {
		m.linear(s, s.normed, rows, to{s.gate, l.Gate}, to{s.up, l.FeedUp})
		active = s.gate
	}
	const part = 2048
	tasks := (rows*m.Hidden + part - 1) / part
	m.kernels.Run(tasks, func(_, task int) {
		begin, end := task*part, min((task+1)*part, rows*m.Hidden)
		x := active[begin:end]
		m.activate(x, s.exp[begin:end])
		if !l.Gate.Weight.Empty() {
			for i, up := range s.up[begin:end] {
				x[i] *= up
			}
		}
	})
	m.linear(s, active, rows, to{s.normed, l.FeedDown})
}

// gelu is √(2/π), and the weight of the cube in the approximation by tanh.
const (
	geluRoot = 0.7978845608028654
	geluCube = 0.044715
)

// activate applies the activation to x, given scratch of the same length.
func (m *Model) activate(x, room []float32) {
	switch m.Activation {
	case GeluExact: // x·(1 + erf(x/√2))/2
		for i, v := range x {
			room[i] = v * math.Sqrt2 / 2
		}
		m.kernels.Erf(room, room)
		for i, e := range room {
			x[i] = 0.5 * x[i] * (1 + e)
		}
		return
	case GeluTanh: // (1 + tanh(u))/2 is the logistic function of 2u
		for i, v := range x {
			room[i] = -2 * geluRoot * (v + geluCube*v*v*v)
		}
	default:
		for i, v := range x {
			room[i] = -v
		}
	}
	m.kernels.Exp(room, room)
	for i, e := range room {
		x[i] /= 1 + e
	}
}
