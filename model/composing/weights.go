package composing

import (
	"bytes"
	"fmt"
	"io"

	"atelier/internal/events"
	"atelier/internal/gguf"
	"atelier/internal/quant"
	"atelier/model/language"
)

// architecture is what the file of a composer says of itself: a Llama of events.
const architecture = "atelier-events"

// The keys of the file of a composer.
const (
	keyArchitecture = "general.architecture"
	keyContext      = architecture + ".context_length"
	keyWidth        = architecture + ".embedding_length"
	keyHidden       = architecture + ".feed_forward_length"
	keyLayers       = architecture + ".block_count"
	keyHeads        = architecture + ".attention.head_count"
	keyKVHeads      = architecture + ".attention.head_count_kv"
	keyHeadWidth    = architecture + ".attention.key_length"
	keyEpsilon      = architecture + ".attention.layer_norm_rms_epsilon"
	keyBase         = architecture + ".rope.freq_base"
	keyVocabulary   = architecture + ".vocabulary_size"
	keyStyles       = architecture + ".styles"
	keyInstruments  = architecture + ".instruments"
)

// A weight is a matrix or a vector of the weights by the name of its tensor.
type weight struct {
	name   string
	matrix *quant.Matrix
	vector *[]float32
}

// weightsOf are all weights, whose layers are there already.
func weightsOf(w *language.Weights) []weight {
	all := []weight{{name: "token_embd", matrix: &w.Tokens}, {name: "output_norm", vector: &w.Norm.Scale}}
	for i := range w.Layers {
		l := &w.Layers[i]
		for _, v := range []struct {
			name   string
			vector *[]float32
		}{{"attn_norm", &l.AttentionNorm.Scale}, {"ffn_norm", &l.FeedNorm.Scale}, {"attn_q_norm", &l.QNorm.Scale}, {"attn_k_norm", &l.KNorm.Scale}} {
			all = append(all, weight{name: fmt.Sprintf("blk.%d.%s", i, v.name), vector: v.vector})
		}
		for _, m := range []struct {
			name   string
			linear *language.Linear
		}{
			{"attn_q", &l.Q}, {"attn_k", &l.K}, {"attn_v", &l.V}, {"attn_output", &l.O},
			{"ffn_gate", &l.Gate}, {"ffn_up", &l.FeedUp}, {"ffn_down", &l.FeedDown},
		} {
			all = append(all, weight{name: fmt.Sprintf("blk.%d.%s", i, m.name), matrix: &m.linear.Weight})
		}
	}
	return all
}

// Save writes a composer's weights, of a Llama with norms of queries and keys and a tied output
// layer, in blocks of 8 bits (Q8_0), as a GGUF file with what else the composer knows.
func Save(to io.Writer, c language.Config, w *language.Weights, v events.Vocabulary, instruments []int) error {
	if c.Rotary == nil || !c.Rotary.Halves || !w.Output.Empty() || c.Activation != language.Silu {
		return fmt.Errorf("want a network llama with halves and a tied output layer")
	}
	programs := make([]int32, len(instruments))
	for i, p := range instruments {
		programs[i] = int32(p)
	}
	pairs := []gguf.Pair{{Key: keyArchitecture, Value: architecture}, {Key: keyContext, Value: uint32(c.Context)}, {Key: keyWidth, Value: uint32(c.Width)},
		{Key: keyHidden, Value: uint32(c.Hidden)}, {Key: keyLayers, Value: uint32(c.Layers)}, {Key: keyHeads, Value: uint32(c.Heads)},
		{Key: keyKVHeads, Value: uint32(c.KVHeads)}, {Key: keyHeadWidth, Value: uint32(c.HeadWidth)}, {Key: keyEpsilon, Value: float32(c.Epsilon)},
		{Key: keyBase, Value: float32(c.Rotary.Base)}, {Key: keyVocabulary, Value: uint32(c.Vocabulary)},
		{Key: keyStyles, Value: gguf.StringArray(v.Styles)}, {Key: keyInstruments, Value: gguf.IntArray(programs)}}
	var tensors []gguf.Tensor
	var all [][]byte
	for _, one := range weightsOf(w) {
		t, values := gguf.Tensor{Name: one.name + ".weight", Type: quant.F32}, []float32(nil)
		if one.vector != nil {
			values = *one.vector
			t.Dims = []int{len(values)}
			all = append(all, quant.Floats32(values).Data)
		} else {
			t.Type, t.Dims = quant.Q8_0, []int{one.matrix.Rows, one.matrix.Cols}
			m, err := quant.Quantize(quant.Q8_0, one.matrix.Rows, one.matrix.Cols, one.matrix.Values())
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			all = append(all, m.Data)
		}
		tensors = append(tensors, t)
	}
	return gguf.Write(to, pairs, tensors, func(i int) ([]byte, error) { return all[i], nil })
}

// Open reads what Save wrote.
func Open(file []byte, k language.Kernels) (*Composer, error) {
	f, err := gguf.Parse(file)
	if err != nil {
		return nil, err
	}
	if f.Value(keyArchitecture) != architecture {
		return nil, fmt.Errorf("want a model of the architecture %s, got %v", architecture, f.Value(keyArchitecture))
	}
	number := func(key string) int { n, _ := gguf.Int(f.Value(key)); return int(n) }
	decimal := func(key string) float64 { x, _ := f.Value(key).(float32); return float64(x) }
	c := language.Config{Vocabulary: number(keyVocabulary), Context: number(keyContext), Width: number(keyWidth), Hidden: number(keyHidden), Layers: number(keyLayers),
		Heads: number(keyHeads), KVHeads: number(keyKVHeads), HeadWidth: number(keyHeadWidth), Epsilon: decimal(keyEpsilon),
		Rotary: &language.Rotary{Base: decimal(keyBase), Halves: true}, Activation: language.Silu}
	if err := c.Check(); err != nil {
		return nil, err
	}
	out := &Composer{Sampling: Usual}
	styles, _ := f.Value(keyStyles).(gguf.Array)
	if out.Vocabulary.Styles, err = styles.Strings(); err != nil {
		return nil, err
	}
	programs, _ := f.Value(keyInstruments).(gguf.Array)
	ints, err := programs.Ints()
	if err != nil {
		return nil, err
	}
	for _, p := range ints {
		out.Instruments = append(out.Instruments, int(p))
	}
	w := &language.Weights{Layers: make([]language.Layer, c.Layers)}
	if err := take(f, w); err != nil {
		return nil, err
	}
	out.Model, err = language.New(c, w, k)
	return out, err
}

// take takes the weights from a file.
func take(f *gguf.File, w *language.Weights) error {
	tensors := map[string]*gguf.Tensor{}
	for i := range f.Tensors {
		tensors[f.Tensors[i].Name] = &f.Tensors[i]
	}
	for _, one := range weightsOf(w) {
		t := tensors[one.name+".weight"]
		if t == nil || len(t.Dims) == 0 {
			return fmt.Errorf("there is no tensor %s.weight", one.name)
		}
		m, err := t.Matrix()
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		if one.vector != nil {
			*one.vector = bytesAsFloats(m)
		} else {
			*one.matrix = m
		}
	}
	return nil
}

// bytesAsFloats are the numbers of a vector.
func bytesAsFloats(m quant.Matrix) []float32 {
	m.Data = bytes.Clone(m.Data)
	return m.Values()
}
