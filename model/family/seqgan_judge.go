package family

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
	"atelier/model/nn"
	"atelier/model/train"
)

// The discriminator of SeqGAN: a CNN over the text (Kim 2014, arXiv:1408.5882) with a highway layer
// (Srivastava et al. 2015, arXiv:1505.00387).
const (
	judgedWidth = 64  // of its embeddings
	judgedAtT   = 512 // texts that it judges at once
)

// filterLengths are the lengths of its filters in tokens, as far as a text has as many.
var filterLengths = []int{1, 2, 3, 4, 5, 8, 10, 16}

func softplus(x *graph.Node) *graph.Node { return nn.Softplus(x) }

// judged is D's logit on texts, as tokens [batch, length] or as weights of all tokens
// [batch, length, vocabulary]: [batch, 1].
func (m *seqgan) judged(store *model.Store, text *graph.Node) *graph.Node {
	s := store.Scope(discriminatorScope)
	batch, length := text.Shape().Dimensions[0], text.Shape().Dimensions[1]
	table := nn.Weight(s, "table", 0.5, judgedType, m.net.Vocabulary, judgedWidth).NodeValue(text)
	var x *graph.Node
	if text.Rank() == 2 {
		x = graph.Gather(table, graph.InsertAxes(graph.Reshape(text, batch*length), -1))
	} else {
		x = nn.LinearWith(graph.Reshape(text, batch*length, m.net.Vocabulary), table)
	}
	x = graph.Reshape(x, batch, length, judgedWidth) // [batch, length, width]
	var found []*graph.Node
	for i, k := range filterLengths {
		if k > length {
			break
		}
		places := length - k + 1
		var windows []*graph.Node
		for at := range k {
			windows = append(windows, graph.Slice(x, graph.AxisRange(), graph.AxisRange(at, at+places)))
		}
		y := graph.Reshape(graph.Concatenate(windows, 2), batch*places, k*judgedWidth)
		y = nn.Relu(nn.Dense(s.In("filter_%d", i), y, m.Filters, nn.He(k*judgedWidth)))
		found = append(found, graph.ReduceMax(graph.Reshape(y, batch, places, m.Filters), 1)) // [batch, filters]
	}
	y := graph.Concatenate(found, 1)
	width := y.Shape().Dimensions[1]
	// The highway begins by carrying its input through.
	gate := graph.Sigmoid(graph.AddScalar(nn.Dense(s.In("gate"), y, width, nn.Fan(width)), -2))
	turned := nn.Relu(nn.Dense(s.In("highway"), y, width, nn.He(width)))
	y = graph.Add(graph.Mul(gate, turned), graph.Mul(graph.OneMinus(gate), y))
	return nn.Dense(s.In("out"), y, 1, nn.Fan(width))
}

// verdict is D's probability that each of texts, one after the other, is real.
func (m *seqgan) verdict(t train.Turn, texts []int32) ([]float32, error) {
	if m.of != t.Store {
		m.of = t.Store
		m.verdicts = graphs.New(t.Backend, t.Store, 1, func(_ *model.Scope, in []*graph.Node) *graph.Node {
			t.Store.SetTraining(in[0].Graph(), false)
			return graph.Sigmoid(m.judged(t.Store, in[0]))
		})
	}
	length := m.target.Size()
	n := len(texts) / length
	all := make([]float32, 0, n)
	for from := 0; from < n; from += judgedAtT {
		column := data.NewColumn(m.target, judgedAtT)
		rows := copy(column.Ints, texts[from*length:]) / length
		out, err := m.verdicts.Call(train.Tensor(&column, judgedAtT))
		if err != nil {
			return nil, err
		}
		values, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, err
		}
		all = append(all, values[:rows]...)
	}
	return all, nil
}
