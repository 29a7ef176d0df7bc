package brought

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/quant"
	"atelier/model/language"
)

// A tensor is a tensor of a file, its innermost dimension last.
type tensor struct {
	kind quant.Type
	dims []int
	data []byte
}

// A builder collects the weights of a model from the tensors of a file. After the first error it
// returns nothing.
type builder struct {
	arch    string
	names   *naming
	tensors map[string]tensor
	used    map[string]bool
	err     error
}

func newBuilder(arch string, names *naming, tensors map[string]tensor) *builder {
	return &builder{arch: arch, names: names, tensors: tensors, used: map[string]bool{}}
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// find returns the tensor with a name, with or without the prefix.
func (b *builder) find(name string) (tensor, bool) {
	for _, full := range []string{name, b.names.prefix + name} {
		if t, ok := b.tensors[full]; ok {
			b.used[full] = true
			return t, true
		}
	}
	return tensor{}, false
}

// has reports whether a tensor exists.
func (b *builder) has(name string) bool {
	_, plain := b.tensors[name]
	_, prefixed := b.tensors[b.names.prefix+name]
	return plain || prefixed
}

// sizes formats dimensions.
func sizes(dims []int) string {
	all := make([]string, len(dims))
	for i, d := range dims {
		all[i] = strconv.Itoa(d)
	}
	return strings.Join(all, " × ")
}

// matrix returns a matrix, checking its size.
func (b *builder) matrix(name string, rows, cols int, transposed bool) quant.Matrix {
	t, ok := b.find(name)
	want := []int{rows, cols}
	if transposed {
		want = []int{cols, rows}
	}
	switch {
	case b.err != nil:
		return quant.Matrix{}
	case !ok:
		b.fail("there is no tensor %q", name)
	case !slices.Equal(t.dims, want):
		b.fail("tensor %q has the shape %s; want %s", name, sizes(t.dims), sizes(want))
	}
	if b.err != nil {
		return quant.Matrix{}
	}
	m, err := quant.NewMatrix(t.kind, t.dims[0], t.dims[1], t.data)
	if err == nil && transposed {
		m, err = transpose(m)
	}
	if err != nil {
		b.fail("tensor %q: %w", name, err)
	}
	return m
}

// vector returns a vector of the given length; nil if it is missing.
func (b *builder) vector(name string, n int) []float32 {
	t, ok := b.find(name)
	if b.err != nil || !ok {
		return nil
	}
	if !slices.Equal(t.dims, []int{n}) {
		b.fail("tensor %q has the shape %s; want %d", name, sizes(t.dims), n)
		return nil
	}
	m, err := quant.NewMatrix(t.kind, 1, n, t.data)
	if err != nil {
		b.fail("tensor %q: %w", name, err)
		return nil
	}
	return m.Values()
}

// norm returns a required norm.
func (b *builder) norm(name string, width int) language.Norm {
	n := language.Norm{Scale: b.vector(name+".weight", width), Bias: b.vector(name+".bias", width)}
	if n.Scale == nil {
		b.fail("there is no tensor %q", name+".weight")
	}
	return n
}

// linear returns a matrix with an optional bias.
func (b *builder) linear(name string, out, in int) language.Linear {
	return language.Linear{
		Weight: b.matrix(name+".weight", out, in, b.names.transposed),
		Bias:   b.vector(name+".bias", out),
	}
}

// weights collects all weights of a model with the config.
func (b *builder) weights(c *language.Config) (w language.Weights) {
	n := b.names
	w.Tokens = b.matrix(n.tokens+".weight", c.Vocabulary, c.Width, false)
	if c.Rotary == nil {
		w.Positions = b.matrix(n.positions+".weight", c.Context, c.Width, false)
	}
	w.Norm = b.norm(n.norm, c.Width)
	if b.has(n.output + ".weight") {
		w.Output = b.matrix(n.output+".weight", c.Vocabulary, c.Width, false)
	}
	for i := 0; i < c.Layers && b.err == nil; i++ { // stops early, since the declared number may be wrong
		w.Layers = append(w.Layers, b.layer(i, c))
		b.whole(i, &w.Layers[i])
	}
	b.rest()
	return w
}

func (b *builder) layer(i int, c *language.Config) (l language.Layer) {
	n := b.names
	named := func(name string) string { return fmt.Sprintf(name, i) }
	heads, keys := c.Heads*c.HeadWidth, c.KVHeads*c.HeadWidth
	l.AttentionNorm = b.norm(named(n.attentionNorm), c.Width)
	if n.qkv != "" && b.has(named(n.qkv)+".weight") || n.q == "" {
		all := b.linear(named(n.qkv), heads+2*keys, c.Width)
		if b.err == nil {
			l.Q, l.K, l.V = rows(all, 0, heads), rows(all, heads, keys), rows(all, heads+keys, keys)
		}
	} else {
		l.Q = b.linear(named(n.q), heads, c.Width)
		l.K = b.linear(named(n.k), keys, c.Width)
		l.V = b.linear(named(n.v), keys, c.Width)
	}
	l.O = b.linear(named(n.o), c.Width, heads)
	if n.qNorm != "" && b.has(named(n.qNorm)+".weight") {
		l.QNorm, l.KNorm = b.norm(named(n.qNorm), c.HeadWidth), b.norm(named(n.kNorm), c.HeadWidth)
	}
	l.FeedNorm = b.norm(named(n.feedNorm), c.Width)
	if c.Activation == language.Silu {
		l.Gate = b.linear(named(n.gate), c.Hidden, c.Width)
	}
	l.FeedUp = b.linear(named(n.up), c.Hidden, c.Width)
	l.FeedDown = b.linear(named(n.down), c.Width, c.Hidden)
	return l
}

// whole rejects a layer without the weights required by its architecture.
func (b *builder) whole(i int, l *language.Layer) {
	var missing string
	switch {
	case b.arch == archQwen2 && (l.Q.Bias == nil || l.K.Bias == nil || l.V.Bias == nil):
		missing = "biases of queries, keys and values"
	case b.arch == archQwen3 && (l.QNorm.Scale == nil || l.KNorm.Scale == nil):
		missing = "norms of queries and keys"
	case b.arch == archGPT2 && (l.Q.Bias == nil || l.O.Bias == nil || l.FeedUp.Bias == nil || l.FeedDown.Bias == nil || l.AttentionNorm.Bias == nil || l.FeedNorm.Bias == nil):
		missing = "biases"
	}
	if missing != "" {
		b.fail("layer %d has no %s, which every %s has", i, missing, b.arch)
	}
}

// rows is a part of a matrix and its bias, sharing memory.
func rows(l language.Linear, first, count int) language.Linear {
	size := l.Weight.Type.Bytes(l.Weight.Cols)
	out := language.Linear{Weight: quant.Matrix{
		Type: l.Weight.Type, Rows: count, Cols: l.Weight.Cols, Data: l.Weight.Data[first*size : (first+count)*size],
	}}
	if l.Bias != nil {
		out.Bias = l.Bias[first : first+count]
	}
	return out
}

// harmless are suffixes of tensors without weights: masks and position tables, which follow from
// the config.
var harmless = []string{".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq"}

// isHarmless reports whether a tensor holds no weights.
func isHarmless(name string) bool {
	return slices.ContainsFunc(harmless, func(end string) bool { return strings.HasSuffix(name, end) })
}

// rest rejects tensors that would not be used.
func (b *builder) rest() {
	for _, name := range slices.Sorted(maps.Keys(b.tensors)) {
		if !b.used[name] && !isHarmless(name) {
			b.fail("tensor %q belongs to no part of the model that is known here: the model is of another kind, or has more layers than it says", name)
		}
	}
}
