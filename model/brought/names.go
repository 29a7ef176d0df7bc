package brought

import (
	"fmt"
	"iter"

	"atelier/internal/quant"
	"atelier/model/language"
)

// A naming is a format's names for the parts of a model, without the suffixes ".weight" and
// ".bias". Those of a layer contain its number.
type naming struct {
	tokens, positions, norm, output        string
	attentionNorm, q, k, v, qkv, o         string
	qNorm, kNorm, feedNorm, gate, up, down string
	scales                                 string // of rotary positions; in GGUF files
	transposed                             bool   // whether matrices are [in, out], as in GPT-2's Conv1D
	prefix                                 string // optional prefix of names
}

var (
	namesGGUF = naming{
		tokens: "token_embd", positions: "position_embd", norm: "output_norm", output: "output",
		attentionNorm: "blk.%d.attn_norm", q: "blk.%d.attn_q", k: "blk.%d.attn_k", v: "blk.%d.attn_v",
		qkv: "blk.%d.attn_qkv", o: "blk.%d.attn_output", qNorm: "blk.%d.attn_q_norm", kNorm: "blk.%d.attn_k_norm",
		feedNorm: "blk.%d.ffn_norm", gate: "blk.%d.ffn_gate", up: "blk.%d.ffn_up", down: "blk.%d.ffn_down",
		scales: "rope_freqs",
	}
	namesGGUFofGPT2 = func() *naming {
		n := namesGGUF
		n.q, n.k, n.v, n.scales = "", "", "", ""
		return &n
	}()
	namesLlama = naming{ // also of Mistral and Qwen
		tokens: "embed_tokens", norm: "norm", output: "lm_head", prefix: "model.",
		attentionNorm: "layers.%d.input_layernorm",
		q:             "layers.%d.self_attn.q_proj", k: "layers.%d.self_attn.k_proj", v: "layers.%d.self_attn.v_proj",
		o: "layers.%d.self_attn.o_proj", qNorm: "layers.%d.self_attn.q_norm", kNorm: "layers.%d.self_attn.k_norm",
		feedNorm: "layers.%d.post_attention_layernorm",
		gate:     "layers.%d.mlp.gate_proj", up: "layers.%d.mlp.up_proj", down: "layers.%d.mlp.down_proj",
	}
	namesGPT2 = naming{
		tokens: "wte", positions: "wpe", norm: "ln_f", output: "lm_head", prefix: "transformer.",
		attentionNorm: "h.%d.ln_1", qkv: "h.%d.attn.c_attn", o: "h.%d.attn.c_proj",
		feedNorm: "h.%d.ln_2", up: "h.%d.mlp.c_fc", down: "h.%d.mlp.c_proj",
		transposed: true,
	}
)

// inGGUF is the naming of GGUF files for an architecture.
func inGGUF(architecture string) *naming {
	if architecture == archGPT2 {
		return namesGGUFofGPT2
	}
	return &namesGGUF
}

// inHF is the naming of Hugging Face for an architecture.
func inHF(architecture string) *naming {
	if architecture == archGPT2 {
		return &namesGPT2
	}
	return &namesLlama
}

// A part is the contents of one name. Exactly one of norm, table and linears is set.
type part struct {
	name    string // without the suffix
	norm    *language.Norm
	table   *quant.Matrix      // embeddings, which are never transposed
	linears []*language.Linear // one, or stacked queries, keys and values
	turned  bool               // whether rotary positions apply to the rows
}

// parts yields all parts of the model with this naming, in file order. In formats with one matrix
// for queries, keys and values, those are one part.
func (n *naming) parts(w *language.Weights) iter.Seq[part] {
	return func(yield func(part) bool) {
		ok := yield(part{name: n.tokens, table: &w.Tokens})
		if ok && !w.Positions.Empty() {
			ok = yield(part{name: n.positions, table: &w.Positions})
		}
		ok = ok && yield(part{name: n.norm, norm: &w.Norm})
		if ok && !w.Output.Empty() {
			ok = yield(part{name: n.output, table: &w.Output})
		}
		for i := range w.Layers {
			if !ok {
				return
			}
			ok = n.layer(i, &w.Layers[i], yield)
		}
	}
}

// layer yields the parts of a layer.
func (n *naming) layer(i int, l *language.Layer, yield func(part) bool) bool {
	named := func(name string) string { return fmt.Sprintf(name, i) }
	linear := func(name string, m *language.Linear, turned bool) bool {
		return m.Weight.Empty() || yield(part{name: named(name), linears: []*language.Linear{m}, turned: turned})
	}
	norm := func(name string, m *language.Norm) bool {
		return m.Scale == nil || yield(part{name: named(name), norm: m})
	}
	if !norm(n.attentionNorm, &l.AttentionNorm) {
		return false
	}
	if n.q == "" {
		if !yield(part{name: named(n.qkv), linears: []*language.Linear{&l.Q, &l.K, &l.V}}) {
			return false
		}
	} else if !linear(n.q, &l.Q, true) || !linear(n.k, &l.K, true) || !linear(n.v, &l.V, false) {
		return false
	}
	return linear(n.o, &l.O, false) && norm(n.qNorm, &l.QNorm) && norm(n.kNorm, &l.KNorm) && norm(n.feedNorm, &l.FeedNorm) &&
		linear(n.gate, &l.Gate, false) && linear(n.down, &l.FeedDown, false) && linear(n.up, &l.FeedUp, false)
}

// matrices yields every matrix and vector of a model once, shared ones included.
func matrices(w *language.Weights) iter.Seq[quant.Matrix] {
	return func(yield func(quant.Matrix) bool) {
		seen := map[*byte]bool{}
		each := func(m quant.Matrix) bool {
			if m.Empty() || seen[&m.Data[0]] {
				return true
			}
			seen[&m.Data[0]] = true
			return yield(m)
		}
		vector := func(v []float32) bool { return len(v) == 0 || each(quant.Floats32(v)) }
		for p := range namesGGUF.parts(w) {
			ok := true
			switch {
			case p.table != nil:
				ok = each(*p.table)
			case p.norm != nil:
				ok = vector(p.norm.Scale) && vector(p.norm.Bias)
			default:
				ok = each(p.linears[0].Weight) && vector(p.linears[0].Bias)
			}
			if !ok {
				return
			}
		}
	}
}
