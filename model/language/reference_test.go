package language

import (
	"math"

	"atelier/internal/quant"
)

// reference computes the logits after a text in float64, from the definitions of the layers
// and without a cache.
func reference(c Config, w *Weights, text []int32) []float64 {
	var x [][]float64
	for i, token := range text {
		row := rowOf(w.Tokens, int(token))
		if c.Rotary == nil {
			row = sum(row, rowOf(w.Positions, i))
		}
		x = append(x, row)
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		var q, k, v [][]float64
		for p, row := range x {
			n := normalized(c, l.AttentionNorm, row)
			q = append(q, headed(c, l.Q.of(n), l.QNorm, p))
			k = append(k, headed(c, l.K.of(n), l.KNorm, p))
			v = append(v, l.V.of(n))
		}
		for p := range x {
			x[p] = sum(x[p], l.O.of(attended(c, q[p], k[:p+1], v[:p+1])))
			n := normalized(c, l.FeedNorm, x[p])
			h := l.FeedUp.of(n)
			gate := h
			if !l.Gate.Weight.Empty() {
				gate = l.Gate.of(n)
			}
			for j, g := range gate {
				a := map[Activation]float64{
					GeluExact: g * 0.5 * (1 + math.Erf(g/math.Sqrt2)),
					GeluTanh:  g * 0.5 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(g+0.044715*g*g*g))),
					Silu:      g / (1 + math.Exp(-g)),
				}[c.Activation]
				if !l.Gate.Weight.Empty() {
					a *= h[j]
				}
				gate[j] = a
			}
			x[p] = sum(x[p], l.FeedDown.of(gate))
		}
	}
	table := w.Output
	if table.Empty() {
		table = w.Tokens
	}
	return Linear{Weight: table}.of(normalized(c, w.Norm, x[len(x)-1]))
}

// attended mixes the values by the heads' queries and keys.
func attended(c Config, q []float64, keys, values [][]float64) []float64 {
	out := make([]float64, c.Heads*c.HeadWidth)
	for h := range c.Heads {
		kv := h / (c.Heads / c.KVHeads) * c.HeadWidth
		total, weights := 0.0, make([]float64, len(keys))
		for t, k := range keys {
			dot := 0.0
			for i := range c.HeadWidth {
				dot += q[h*c.HeadWidth+i] * k[kv+i]
			}
			weights[t] = math.Exp(dot / math.Sqrt(float64(c.HeadWidth)))
			total += weights[t]
		}
		for t, v := range values {
			for i := range c.HeadWidth {
				out[h*c.HeadWidth+i] += weights[t] / total * v[kv+i]
			}
		}
	}
	return out
}

// headed normalizes and rotates the heads of queries or keys at a place.
func headed(c Config, x []float64, n Norm, place int) []float64 {
	var out []float64
	for at := 0; at < len(x); at += c.HeadWidth {
		head := x[at : at+c.HeadWidth]
		if n.Scale != nil {
			head = normalized(c, n, head)
		}
		turned := append([]float64(nil), head...)
		for i := range c.HeadWidth / 2 {
			if c.Rotary == nil {
				break
			}
			angle := float64(place) / math.Pow(c.Rotary.Base, float64(2*i)/float64(c.HeadWidth))
			if c.Rotary.Scale != nil {
				angle /= float64(c.Rotary.Scale[i])
			}
			a, b := 2*i, 2*i+1
			if c.Rotary.Halves {
				a, b = i, i+c.HeadWidth/2
			}
			turned[a] = head[a]*math.Cos(angle) - head[b]*math.Sin(angle)
			turned[b] = head[a]*math.Sin(angle) + head[b]*math.Cos(angle)
		}
		out = append(out, turned...)
	}
	return out
}

func normalized(c Config, n Norm, x []float64) []float64 {
	mean, square := 0.0, 0.0
	if c.LayerNorm {
		for _, v := range x {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = (v - mean) / math.Sqrt(square+c.Epsilon) * float64(n.Scale[i])
		if n.Bias != nil {
			out[i] += float64(n.Bias[i])
		}
	}
	return out
}

// of is the product of a layer's weights with a row, and its bias.
func (l Linear) of(x []float64) []float64 {
	out := make([]float64, l.Weight.Rows)
	for o := range out {
		for i, w := range rowOf(l.Weight, o) {
			out[o] += w * x[i]
		}
		if l.Bias != nil {
			out[o] += float64(l.Bias[o])
		}
	}
	return out
}

func rowOf(m quant.Matrix, i int) []float64 {
	row := make([]float32, m.Cols)
	m.Row(i, row)
	out := make([]float64, m.Cols)
	for k, v := range row {
		out[k] = float64(v)
	}
	return out
}

func sum(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}
