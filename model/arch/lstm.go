package arch

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// LSTM is a language model with a layer of long short-term memory (Hochreiter and Schmidhuber
// 1997, doi:10.1162/neco.1997.9.8.1735) that is unrolled over the text. The token Vocabulary,
// which is none of a text, begins one.
type LSTM struct{ Vocabulary, Embedding, Hidden int }

// Names of the variables.
const (
	lstmTable  = "table"       // [vocabulary+1, embedding]
	lstmInput  = "gates_input" // [embedding, 4·hidden]: input, forget, output, candidate
	lstmState  = "gates_state" // [hidden, 4·hidden]
	lstmBias   = "gates_bias"  // [4·hidden]
	lstmOutput = "output"      // [hidden, vocabulary]
	lstmShift  = "output_bias" // [vocabulary]
)

// Logits returns the logits of the token after each of tokens [batch, time]:
// [batch, time, vocabulary].
func (a LSTM) Logits(s *model.Scope, tokens *graph.Node) *graph.Node {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	w := a.weights(s, tokens)
	x := w.gates(rowsOf(w.table, graph.Reshape(tokens, batch*time))) // [batch·time, 4·hidden]
	x = graph.Reshape(x, batch, time, 4*a.Hidden)
	var state lstmNodes
	all := make([]*graph.Node, time)
	for t := range time {
		state = w.step(state, graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(t)), 1))
		all[t] = graph.InsertAxes(state.h, 1) // [batch, 1, hidden]
	}
	logits := w.logits(graph.Reshape(graph.Concatenate(all, 1), batch*time, a.Hidden))
	return graph.Reshape(logits, batch, time, a.Vocabulary)
}

// Relaxed writes texts through which gradients pass: each token is the largest of its logits plus
// noise from the Gumbel distribution [batch, time, vocabulary], as a vector that is 1 at the token
// and 0 elsewhere, and its gradient is that of the softmax of the same at a temperature
// (straight-through Gumbel-softmax, Jang, Gu and Poole 2016, arXiv:1611.01144). It returns
// [batch, time, vocabulary].
func (a LSTM) Relaxed(s *model.Scope, noise *graph.Node, temperature float64) *graph.Node {
	batch, time := noise.Shape().Dimensions[0], noise.Shape().Dimensions[1]
	w := a.weights(s, noise)
	words := graph.Slice(w.table, graph.AxisRange(0, a.Vocabulary))                                       // [vocabulary, embedding]
	begin := graph.Slice(w.table, graph.AxisRange(a.Vocabulary))                                          // [1, embedding]
	read := graph.Add(begin, graph.Zeros(noise.Graph(), shapes.Make(dtypes.Float32, batch, a.Embedding))) // [batch, embedding]
	var state lstmNodes
	all := make([]*graph.Node, time)
	for t := range time {
		state = w.step(state, w.gates(read))
		drawn := graph.Add(w.logits(state.h), graph.Squeeze(graph.Slice(noise, graph.AxisRange(), graph.AxisElem(t)), 1)) // [batch, vocabulary]
		soft := nn.Softmax(graph.DivScalar(drawn, temperature))
		hard := graph.ConvertDType(graph.GreaterOrEqual(drawn, graph.ReduceAndKeep(drawn, graph.ReduceMax, -1)), dtypes.Float32)
		token := graph.Add(soft, graph.StopGradient(graph.Sub(hard, soft)))
		read = nn.LinearWith(token, words)
		all[t] = graph.InsertAxes(token, 1)
	}
	return graph.Concatenate(all, 1)
}

// lstmWeights are the weights in a graph.
type lstmWeights struct {
	LSTM
	table, input, recurrent, bias, output, shift *graph.Node
}

// lstmNodes is what the network remembers, in a graph: [batch, hidden] each, nil before a text.
type lstmNodes struct{ h, c *graph.Node }

func (a LSTM) weights(s *model.Scope, in graph.GraphProvider) *lstmWeights {
	weight := func(name string, std float64, dims ...int) *graph.Node {
		return nn.Weight(s, name, std, dtypes.Float32, dims...).NodeValue(in)
	}
	filled := func(name string, width int) *graph.Node {
		return graph.InsertAxes(nn.Filled(s, name, 0, dtypes.Float32, width).NodeValue(in), 0) // [1, width]
	}
	std := nn.Fan(a.Hidden)
	return &lstmWeights{
		LSTM: a, table: weight(lstmTable, 1, a.Vocabulary+1, a.Embedding), input: weight(lstmInput, std, a.Embedding, 4*a.Hidden),
		bias: filled(lstmBias, 4*a.Hidden), recurrent: weight(lstmState, std, a.Hidden, 4*a.Hidden),
		output: weight(lstmOutput, std, a.Hidden, a.Vocabulary), shift: filled(lstmShift, a.Vocabulary),
	}
}

// gates is what tokens [n, embedding] add to the gates: [n, 4·hidden].
func (w *lstmWeights) gates(token *graph.Node) *graph.Node {
	return graph.Add(nn.LinearWith(token, w.input), w.bias)
}

// logits are those of hidden states [n, hidden]: [n, vocabulary].
func (w *lstmWeights) logits(hidden *graph.Node) *graph.Node {
	return graph.Add(nn.LinearWith(hidden, w.output), w.shift)
}

// step is the state after what a token adds to the gates [batch, 4·hidden].
func (w *lstmWeights) step(s lstmNodes, gates *graph.Node) lstmNodes {
	if s.h != nil {
		gates = graph.Add(gates, nn.LinearWith(s.h, w.recurrent))
	}
	part := func(i int) *graph.Node {
		return graph.Slice(gates, graph.AxisRange(), graph.AxisRange(i*w.Hidden, (i+1)*w.Hidden))
	}
	c := graph.Mul(graph.Sigmoid(part(0)), graph.Tanh(part(3))) // [batch, hidden]
	if s.c != nil {
		c = graph.Add(c, graph.Mul(graph.Sigmoid(part(1)), s.c))
	}
	return lstmNodes{graph.Mul(graph.Sigmoid(part(2)), graph.Tanh(c)), c}
}

// Cell returns the network with the weights in the scope, to be run token by token without a graph.
func (a LSTM) Cell(s *model.Scope) (*LSTMCell, error) {
	c := &LSTMCell{LSTM: a}
	var table, input []float32
	for _, w := range []struct {
		name string
		to   *[]float32
	}{{lstmTable, &table}, {lstmInput, &input}, {lstmState, &c.recurrent}, {lstmBias, &c.bias}, {lstmOutput, &c.output}, {lstmShift, &c.shift}} {
		v := s.GetVariable(w.name)
		if v == nil {
			return nil, fmt.Errorf("the lstm has no weights %s", w.name)
		}
		t, err := v.Value()
		if err != nil {
			return nil, err
		}
		if *w.to, err = tensors.CopyFlatData[float32](t); err != nil {
			return nil, err
		}
	}
	c.prepare(table, input)
	return c, nil
}

// NewLSTMCell returns a network with weights drawn by a function, as an oracle of texts.
func NewLSTMCell(a LSTM, draw func() float32) *LSTMCell {
	some := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = draw()
		}
		return x
	}
	c := &LSTMCell{LSTM: a}
	table, input := some((a.Vocabulary+1)*a.Embedding), some(a.Embedding*4*a.Hidden)
	c.recurrent, c.bias = some(a.Hidden*4*a.Hidden), some(4*a.Hidden)
	c.output, c.shift = some(a.Hidden*a.Vocabulary), some(a.Vocabulary)
	c.prepare(table, input)
	return c
}

// An LSTMCell runs an [LSTM] on one text at a time. It is safe for several goroutines.
type LSTMCell struct {
	LSTM
	read                           []float32 // what a token adds to the gates: [vocabulary+1, 4·hidden]
	recurrent, bias, output, shift []float32
}

// prepare multiplies the table of tokens with the weights that read it.
func (c *LSTMCell) prepare(table, input []float32) {
	width := 4 * c.Hidden
	c.read = make([]float32, (c.Vocabulary+1)*width)
	for token := range c.Vocabulary + 1 {
		row := c.read[token*width:][:width]
		copy(row, c.bias)
		for k, x := range table[token*c.Embedding:][:c.Embedding] {
			addScaled(row, x, input[k*width:][:width])
		}
	}
}

// addScaled adds x times a row to another.
func addScaled(to []float32, x float32, row []float32) {
	to = to[:len(row)]
	for i, w := range row {
		to[i] += x * w
	}
}

// An LSTMState is what the network remembers of a text.
type LSTMState struct{ h, c, gates []float32 }

// Begin returns the state before a text.
func (c *LSTMCell) Begin() *LSTMState {
	return &LSTMState{make([]float32, c.Hidden), make([]float32, c.Hidden), make([]float32, 4*c.Hidden)}
}

// Copy makes the state that of another text.
func (s *LSTMState) Copy(from *LSTMState) {
	copy(s.h, from.h)
	copy(s.c, from.c)
}

// Step reads a token and writes the logits of the next one, [vocabulary].
func (c *LSTMCell) Step(s *LSTMState, token int32, logits []float32) {
	n := c.Hidden
	copy(s.gates, c.read[int(token)*4*n:][:4*n])
	for k, x := range s.h {
		addScaled(s.gates, x, c.recurrent[k*4*n:][:4*n])
	}
	for i := range n {
		in, forget, out := sigmoid(s.gates[i]), sigmoid(s.gates[n+i]), sigmoid(s.gates[2*n+i])
		s.c[i] = in*tanh(s.gates[3*n+i]) + forget*s.c[i]
		s.h[i] = out * tanh(s.c[i])
	}
	copy(logits, c.shift)
	for k, x := range s.h {
		addScaled(logits, x, c.output[k*c.Vocabulary:][:c.Vocabulary])
	}
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func tanh(x float32) float32 { return float32(math.Tanh(float64(x))) }
