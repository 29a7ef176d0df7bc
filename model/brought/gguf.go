package brought

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/gguf"
	"atelier/model/language"
)

// Metadata keys without the architecture as prefix.
const (
	keyArchitecture = "general.architecture"
	keyName         = "general.name"
	keyLicence      = "general.license"
	keyFileType     = "general.file_type"
	keySplits       = "split.count"
)

// The supported architectures, by their names in GGUF files.
const (
	archGPT2  = "gpt2"
	archLlama = "llama" // also Mistral
	archQwen2 = "qwen2"
	archQwen3 = "qwen3"
)

var architectures = []string{archGPT2, archLlama, archQwen2, archQwen3}

// knownArchitecture rejects other architectures.
func knownArchitecture(name string) error {
	if !slices.Contains(architectures, name) {
		return fmt.Errorf("the architecture %q is not supported; those that are supported are %s", name, strings.Join(architectures, ", "))
	}
	return nil
}

// openGGUF opens a GGUF file in memory.
func (o *Opened) openGGUF(data []byte) error {
	f, err := gguf.Parse(data)
	if err != nil {
		return err
	}
	k := &keys{file: f}
	if n := k.integer(keySplits, 1); k.err == nil && n > 1 {
		return fmt.Errorf("this is one of %d parts of a split model; merge them first, as with llama-gguf-split --merge", n)
	}
	o.Facts.Format = FormatGGUF
	if name := k.text(keyName); name != "" {
		o.Facts.Name = name
	}
	o.Facts.Architecture, o.Facts.Licence = k.text(keyArchitecture), k.text(keyLicence)
	if k.err == nil {
		k.err = knownArchitecture(o.Facts.Architecture)
	}
	if k.err != nil {
		return k.err
	}
	tensors := make(map[string]tensor, len(f.Tensors))
	for _, t := range f.Tensors {
		tensors[t.Name] = tensor{t.Type, t.Dims, t.Bytes()}
	}
	k.arch = o.Facts.Architecture + "."
	k.unread()
	o.Config = k.config(tensors[namesGGUF.tokens+".weight"])
	if k.err != nil {
		return k.err
	}
	if err := o.Config.Check(); err != nil {
		return err
	}
	b := newBuilder(o.Facts.Architecture, inGGUF(o.Facts.Architecture), tensors)
	if r := o.Config.Rotary; r != nil && b.has(b.names.scales+".weight") {
		r.Scale = b.vector(b.names.scales+".weight", o.Config.HeadWidth/2)
		b.check(r.Scale)
	}
	o.Weights = b.weights(&o.Config)
	if b.err != nil {
		return b.err
	}
	return o.setGGUF(k)
}

// check rejects scales of positions that cannot be divided by.
func (b *builder) check(scale []float32) {
	for _, s := range scale {
		if !(s > 0) || math.IsInf(float64(s), 0) {
			b.fail("tensor %q: a scale of %g; want positive numbers", b.names.scales+".weight", s)
		}
	}
}

// keys reads metadata. After the first error it returns zeros.
type keys struct {
	file *gguf.File
	arch string // prefix of the architecture's keys
	err  error
}

func (k *keys) fail(format string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf(format, args...)
	}
}

// text returns a text, empty if there is none.
func (k *keys) text(key string) string {
	switch v := k.file.Value(key).(type) {
	case nil:
	case string:
		return strings.ToValidUTF8(v, "�")
	default:
		k.fail("the value of %s is no text", key)
	}
	return ""
}

// integer returns an integer of at most 31 bits, otherwise if the key is missing. A list of equal
// numbers, one per layer, counts as one number.
func (k *keys) integer(key string, otherwise int) int {
	v := k.file.Value(key)
	if v == nil {
		return otherwise
	}
	if a, ok := v.(gguf.Array); ok {
		all, err := a.Ints()
		if err != nil || len(all) == 0 || slices.Min(all) != slices.Max(all) {
			k.fail("%s differs between layers, which is not supported", key)
			return 0
		}
		return int(all[0])
	}
	n, ok := gguf.Int(v)
	if !ok || n < 0 || n > math.MaxInt32 {
		k.fail("the value of %s is %v; want a whole number from 0 to %d", key, v, math.MaxInt32)
		return 0
	}
	return int(n)
}

// needed is integer for a required key.
func (k *keys) needed(key string) int {
	if k.file.Value(k.arch+key) == nil {
		k.fail("the metadata has no %s", k.arch+key)
	}
	return k.integer(k.arch+key, 0)
}

// float returns a number, otherwise if the key is missing.
func (k *keys) float(key string, otherwise float64) float64 {
	switch v := k.file.Value(key).(type) {
	case nil:
		return otherwise
	case float32:
		short, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64) // so that a float32 near 1e-5 is 1e-5
		if err != nil {
			k.fail("the value of %s is %g; want a number", key, v)
		}
		return short
	case float64:
		return v
	default:
		k.fail("the value of %s is %v; want a floating-point number", key, v)
	}
	return 0
}

// config is the shape of the model, whose vocabulary size is that of the embeddings.
func (k *keys) config(embeddings tensor) (c language.Config) {
	if len(embeddings.dims) == 2 {
		c.Vocabulary = embeddings.dims[0]
	} else {
		k.fail("there is no tensor %q of two dimensions", namesGGUF.tokens+".weight")
	}
	c.Context, c.Width = k.needed("context_length"), k.needed("embedding_length")
	c.Layers, c.Hidden = k.needed("block_count"), k.needed("feed_forward_length")
	c.Heads = k.needed("attention.head_count")
	c.KVHeads = k.integer(k.arch+"attention.head_count_kv", c.Heads)
	if c.Heads > 0 {
		c.HeadWidth = k.integer(k.arch+"attention.key_length", c.Width/c.Heads)
	}
	if v := k.integer(k.arch+"attention.value_length", c.HeadWidth); v != c.HeadWidth {
		k.fail("keys have the width %d and values %d: different ones are not supported", c.HeadWidth, v)
	}
	if n := k.integer(k.arch+"expert_count", 0); n > 0 {
		k.fail("a mixture of %d experts is not supported", n)
	}
	if window := k.integer(k.arch+"attention.sliding_window", 0); window > 0 {
		c.Context = min(c.Context, window) // within the window, attention is the same
	}
	if k.arch == archGPT2+"." {
		c.LayerNorm, c.Activation = true, language.GeluTanh
		c.Epsilon = k.float(k.arch+"attention.layer_norm_epsilon", 1e-5)
		return c
	}
	c.Activation, c.Epsilon = language.Silu, k.float(k.arch+"attention.layer_norm_rms_epsilon", 1e-5)
	k.rotary(&c)
	return c
}

// rotary reads the rotary position settings.
func (k *keys) rotary(c *language.Config) {
	c.Rotary = &language.Rotary{Base: k.float(k.arch+"rope.freq_base", 10000), Halves: k.arch != archLlama+"."}
	if n := k.integer(k.arch+"rope.dimension_count", c.HeadWidth); n != c.HeadWidth && c.HeadWidth > 0 {
		k.fail("positions are rotated into %d of %d dimensions of a head, which is not supported", n, c.HeadWidth)
	}
	switch kind := k.text(k.arch + "rope.scaling.type"); kind {
	case "", "none":
	case "linear":
		factor := k.float(k.arch+"rope.scaling.factor", 1)
		if !(factor > 0 && factor < 1e6) {
			k.fail("%srope.scaling.factor is %g; want a positive number", k.arch, factor)
			return
		}
		if k.err == nil && c.HeadWidth > 0 && c.HeadWidth <= math.MaxUint16 {
			c.Rotary.Scale = slices.Repeat([]float32{float32(factor)}, c.HeadWidth/2)
		}
	default:
		k.fail("the scaling %q of rotary positions is not supported; none and linear are", kind)
	}
}
