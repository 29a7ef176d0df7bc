package brought

import (
	"io"
	"maps"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/gguf"
	"atelier/internal/quant"
	"atelier/internal/tokenizer"
	"atelier/model/language"
)

// fileTypes are the numbers by which GGUF files say what most of their weights are.
var fileTypes = map[quant.Type]uint32{
	quant.F32: 0, quant.F16: 1, quant.Q4_0: 2, quant.Q8_0: 7, quant.Q4_K: 15, quant.Q6_K: 18, quant.BF16: 32,
}

// exported are the types that weights can be converted to.
var exported = map[string]quant.Type{"f32": quant.F32, "f16": quant.F16, "bf16": quant.BF16, "q8_0": quant.Q8_0, "q4_0": quant.Q4_0}

// ExportTypes returns the names of the types that weights can be exported as.
func ExportTypes() []string { return slices.Sorted(maps.Keys(exported)) }

// A written tensor is a tensor to be exported.
type written struct {
	gguf.Tensor
	bytes func() ([]byte, error)
}

// Of returns a trained model as if it had been brought, so that it can be exported. Its texts
// begin and end with the token end, if that is not [tokenizer.None].
func Of(name string, c language.Config, w *language.Weights, t *tokenizer.Tokenizer, end int32) (*Opened, error) {
	o := &Opened{Config: c, Weights: *w, Tokenizer: t, title: name}
	if end != tokenizer.None {
		o.Tokenizer, o.Ends = t.Beginning(end), []int32{end}
	}
	o.Facts.Name, o.Facts.Architecture = name, archLlama
	switch first := &w.Layers[0]; {
	case c.LayerNorm:
		o.Facts.Architecture = archGPT2
		o.Weights = biased(w)
	case first.QNorm.Scale != nil:
		o.Facts.Architecture = archQwen3
	case first.Q.Bias != nil:
		o.Facts.Architecture = archQwen2
	}
	return o, o.finish()
}

// biased returns weights with a bias wherever GPT-2 has one, zeros where there is none.
func biased(w *language.Weights) language.Weights {
	all := *w
	all.Layers = slices.Clone(w.Layers)
	norm := func(n *language.Norm) {
		if n.Bias == nil {
			n.Bias = make([]float32, len(n.Scale))
		}
	}
	norm(&all.Norm)
	for i := range all.Layers {
		l := &all.Layers[i]
		norm(&l.AttentionNorm)
		norm(&l.FeedNorm)
		for _, linear := range []*language.Linear{&l.Q, &l.K, &l.V, &l.O, &l.FeedUp, &l.FeedDown} {
			if linear.Bias == nil {
				linear.Bias = make([]float32, linear.Weight.Rows)
			}
		}
	}
	return all
}

// ExportGGUF writes a model as a GGUF file, its matrices as the type of a name; if empty, as
// they are.
func (o *Opened) ExportGGUF(w io.Writer, kind string) error {
	to, err := exportType(kind)
	if err != nil {
		return err
	}
	pairs, err := o.metadata(to)
	if err != nil {
		return err
	}
	tensors := o.tensors(inGGUF(o.Facts.Architecture), to, o.Facts.Architecture == archLlama)
	heads := make([]gguf.Tensor, len(tensors))
	for i := range tensors {
		heads[i] = tensors[i].Tensor
	}
	return gguf.Write(w, pairs, heads, func(i int) ([]byte, error) { return tensors[i].bytes() })
}

// exportType is the named type, nil if empty.
func exportType(name string) (*quant.Type, error) {
	if name == "" {
		return nil, nil
	}
	t, ok := exported[strings.ToLower(name)]
	if !ok {
		return nil, badinput.Errorf("no weights can be exported as %q; want %s", name, strings.Join(ExportTypes(), ", "))
	}
	return &t, nil
}

// metadata are the metadata of the model in a GGUF file, without default values.
func (o *Opened) metadata(to *quant.Type) ([]gguf.Pair, error) {
	c, arch := &o.Config, o.Facts.Architecture+"."
	pairs := []gguf.Pair{{Key: keyArchitecture, Value: o.Facts.Architecture}, {Key: keyName, Value: o.title}}
	if o.Facts.Licence != "" {
		pairs = append(pairs, gguf.Pair{Key: keyLicence, Value: o.Facts.Licence})
	}
	integer := func(key string, v int) { pairs = append(pairs, gguf.Pair{Key: arch + key, Value: uint32(v)}) }
	float := func(key string, v float64) { pairs = append(pairs, gguf.Pair{Key: arch + key, Value: float32(v)}) }
	integer("context_length", c.Context)
	integer("embedding_length", c.Width)
	integer("block_count", c.Layers)
	integer("feed_forward_length", c.Hidden)
	integer("attention.head_count", c.Heads)
	if c.LayerNorm {
		float("attention.layer_norm_epsilon", c.Epsilon)
	} else {
		integer("attention.head_count_kv", c.KVHeads)
		integer("rope.dimension_count", c.HeadWidth)
		float("attention.layer_norm_rms_epsilon", c.Epsilon)
	}
	if c.Heads*c.HeadWidth != c.Width {
		integer("attention.key_length", c.HeadWidth)
		integer("attention.value_length", c.HeadWidth)
	}
	if c.Rotary != nil && c.Rotary.Base != 10000 {
		float("rope.freq_base", c.Rotary.Base)
	}
	most := o.kind
	if to != nil {
		most = *to
	}
	pairs = append(pairs, gguf.Pair{Key: keyFileType, Value: fileTypes[most]})
	v := o.vocabulary
	if v == nil {
		made, err := o.Tokenizer.Vocabulary()
		if err != nil {
			return nil, err
		}
		v = &made
	}
	pairs = append(pairs, tokenizerPairs(v)...)
	for _, id := range o.Ends {
		if id != v.EOS {
			pairs = append(pairs, gguf.Pair{Key: keyEOT, Value: uint32(id)})
			break
		}
	}
	if o.Template != "" {
		pairs = append(pairs, gguf.Pair{Key: keyTemplate, Value: o.Template})
	}
	return pairs, nil
}

// tensors are the tensors of a file, matrices converted to the given type if there is one.
// Dimensions of queries and keys are paired as neighbours or, if not pairs, as halves.
func (o *Opened) tensors(names *naming, to *quant.Type, pairs bool) (all []written) {
	vector := func(name string, v []float32) {
		if v != nil {
			t := gguf.Tensor{Name: name, Type: quant.F32, Dims: []int{len(v)}}
			all = append(all, written{t, func() ([]byte, error) { return quant.Floats32(v).Data, nil }})
		}
	}
	turn := o.Config.Rotary != nil && o.Config.Rotary.Halves == pairs
	for p := range names.parts(&o.Weights) {
		c := &conversion{to: to}
		var bias []float32
		switch {
		case p.norm != nil:
			vector(p.name+".weight", p.norm.Scale)
			vector(p.name+".bias", p.norm.Bias)
			continue
		case p.table != nil:
			c.parts = []quant.Matrix{*p.table}
		default:
			for _, l := range p.linears {
				c.parts, bias = append(c.parts, l.Weight), append(bias, l.Bias...)
			}
			c.transposed = names.transposed
			if p.turned && turn {
				c.heads, c.pairs = o.Config.HeadWidth, pairs
				bias = regroupVector(bias, c.heads, pairs)
			}
		}
		all = append(all, written{gguf.Tensor{Name: p.name + ".weight", Type: c.kind(), Dims: c.dims()}, c.bytes})
		vector(p.name+".bias", bias)
	}
	if r := o.Config.Rotary; r != nil && r.Scale != nil && names.scales != "" {
		vector(names.scales+".weight", r.Scale)
	}
	return all
}
