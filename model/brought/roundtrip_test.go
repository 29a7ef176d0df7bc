package brought

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/engine/dots"
	"atelier/engine/simd"
	"atelier/internal/quant"
	"atelier/internal/tokenizer"
	"atelier/model/language"
)

// made is a model of random weights, of two layers.
func made(t *testing.T, arch string) *Opened {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	vector := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(int(rnd.Float32()*512)-256) / 64 // the same as float16
		}
		return v
	}
	tok := trained(t)
	c := language.Config{Vocabulary: tok.Size() + 3, Context: 32, Width: 32, Hidden: 64, Layers: 2, Heads: 4, KVHeads: 2, HeadWidth: 8,
		Epsilon: 1.0 / 1024, Activation: language.Silu, Rotary: &language.Rotary{Base: 10000, Halves: arch != archLlama}}
	switch arch {
	case archQwen3:
		c.HeadWidth, c.Rotary.Base = 16, 1e6
	case archGPT2:
		c.KVHeads, c.LayerNorm, c.Rotary, c.Activation = 4, true, nil, language.GeluTanh
	}
	gpt := arch == archGPT2
	norm := func(width int) language.Norm {
		n := language.Norm{Scale: vector(width)}
		if gpt {
			n.Bias = vector(width)
		}
		return n
	}
	linear := func(out, in int, biased bool) language.Linear {
		l := language.Linear{Weight: quant.Dense(vector(out*in), out)}
		if biased {
			l.Bias = vector(out)
		}
		return l
	}
	w := language.Weights{Tokens: quant.Dense(vector(c.Vocabulary*c.Width), c.Vocabulary), Norm: norm(c.Width)}
	if gpt {
		w.Positions = quant.Dense(vector(c.Context*c.Width), c.Context)
	}
	if arch == archLlama {
		w.Output = quant.Dense(vector(c.Vocabulary*c.Width), c.Vocabulary)
	}
	for range c.Layers {
		biased := gpt || arch == archQwen2
		l := language.Layer{
			AttentionNorm: norm(c.Width), FeedNorm: norm(c.Width),
			Q: linear(c.Heads*c.HeadWidth, c.Width, biased), K: linear(c.KVHeads*c.HeadWidth, c.Width, biased), V: linear(c.KVHeads*c.HeadWidth, c.Width, biased),
			O: linear(c.Width, c.Heads*c.HeadWidth, gpt), FeedUp: linear(c.Hidden, c.Width, gpt), FeedDown: linear(c.Width, c.Hidden, gpt),
		}
		if arch == archQwen3 {
			l.QNorm, l.KNorm = norm(c.HeadWidth), norm(c.HeadWidth)
		}
		if !gpt {
			l.Gate = linear(c.Hidden, c.Width, false)
		}
		w.Layers = append(w.Layers, l)
	}
	o := &Opened{Config: c, Weights: w, Tokenizer: tok, Ends: []int32{tok.EOS(), 5}, Template: "{{ messages }}"}
	o.Facts.Architecture, o.Facts.Name, o.Facts.Licence = arch, "made", "MIT"
	if err := o.finish(); err != nil {
		t.Fatal(err)
	}
	return o
}

// trained is a tokenizer of bytes with a few merges.
func trained(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	text := []byte("the cat sat on the mat, the rat on the cat. The mat was flat.")
	tok, err := tokenizer.Train(func(yield func([]byte, error) bool) { yield(text, nil) }, tokenizer.LeastSize+20)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// same compares two models, whatever order their heads have.
func same(t *testing.T, got, want *Opened) {
	t.Helper()
	a, b := got.Config, want.Config
	if (a.Rotary == nil) != (b.Rotary == nil) {
		t.Fatal("rotary positions:", a.Rotary, b.Rotary)
	}
	if a.Rotary != nil && (a.Rotary.Base != b.Rotary.Base || !slices.Equal(a.Rotary.Scale, b.Rotary.Scale)) {
		t.Errorf("rotary positions: %+v; want %+v", a.Rotary, b.Rotary)
	}
	a.Rotary, b.Rotary = nil, nil
	if a != b {
		t.Errorf("config %+v; want %+v", a, b)
	}
	pairs := want.Config.Rotary != nil && !want.Config.Rotary.Halves
	first, second := got.tensors(inGGUF(got.Facts.Architecture), nil, pairs), want.tensors(inGGUF(want.Facts.Architecture), nil, pairs)
	if len(first) != len(second) {
		t.Fatalf("%d tensors; want %d", len(first), len(second))
	}
	for i, w := range second {
		g := first[i]
		x, err1 := g.bytes()
		y, err2 := w.bytes()
		m, err3 := quant.NewMatrix(g.Type, 1, g.Size(), x)
		n, err4 := quant.NewMatrix(w.Type, 1, w.Size(), y)
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(err1, err2, err3, err4)
		}
		if g.Name != w.Name || !slices.Equal(g.Dims, w.Dims) || !slices.Equal(m.Values(), n.Values()) {
			t.Errorf("%s %v differs from %s %v", g.Name, g.Dims, w.Name, w.Dims)
		}
	}
	for _, text := range []string{"the flat cat", "The mat.\n  12 rats"} {
		if x, y := got.Tokenizer.Encode([]byte(text)), want.Tokenizer.Encode([]byte(text)); !slices.Equal(x, y) {
			t.Errorf("%q is %v; want %v", text, x, y)
		}
	}
	if !slices.Equal(got.Ends, want.Ends) || got.Template != want.Template || got.Facts.Licence != want.Facts.Licence || got.Tokenizer.BOS() != want.Tokenizer.BOS() {
		t.Errorf("ends %v, template %q, licence %q, begin %d; want %v, %q, %q, %d", got.Ends, got.Template, got.Facts.Licence, got.Tokenizer.BOS(),
			want.Ends, want.Template, want.Facts.Licence, want.Tokenizer.BOS())
	}
}

func opened(t *testing.T, path string) *Opened {
	t.Helper()
	o, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

// asGGUF exports a model as a GGUF file.
func asGGUF(t *testing.T, o *Opened, kind string) string {
	t.Helper()
	var file bytes.Buffer
	if err := o.ExportGGUF(&file, kind); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// asHF exports a model as a folder of Hugging Face.
func asHF(t *testing.T, o *Opened, kind string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	if err := o.ExportHF(dir, kind); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRoundTrip(t *testing.T) {
	for _, arch := range architectures {
		t.Run(arch, func(t *testing.T) {
			want := made(t, arch)
			for _, kind := range []string{"", "f16"} { // the weights are chosen to be the same as either
				file := opened(t, asGGUF(t, want, kind))
				same(t, file, want)
				folder := opened(t, asHF(t, want, kind))
				same(t, folder, want)
				same(t, opened(t, asHF(t, file, kind)), want)
				same(t, opened(t, asGGUF(t, folder, kind)), want)
				if arch == archLlama && (file.Config.Rotary.Halves || !folder.Config.Rotary.Halves) {
					t.Error("the heads of a Llama are in pairs in GGUF files, and in halves in folders")
				}
			}
			if got := opened(t, asGGUF(t, want, "q8_0")); got.Facts.Type != "Q8_0" || got.Weights.Norm.Scale[0] != want.Weights.Norm.Scale[0] {
				t.Error(got.Facts)
			}
			if err := want.ExportHF(filepath.Join(t.TempDir(), "x"), "q8_0"); err == nil || !strings.Contains(err.Error(), "want f32, f16 or bf16") {
				t.Error(err)
			}
		})
	}
}

func TestRegroup(t *testing.T) {
	// Two heads of four dimensions: 0 and 2 are rotated together, and 1 and 3.
	m := quant.Dense([]float32{0, 1, 2, 3, 10, 11, 12, 13}, 8)
	pairs := regroup(m, 4, true)
	if got := fmt.Sprint(pairs.Values()); got != "[0 2 1 3 10 12 11 13]" {
		t.Error(got)
	}
	if got := fmt.Sprint(regroup(pairs, 4, false).Values(), regroupVector(pairs.Values(), 4, false)); got != "[0 1 2 3 10 11 12 13] [0 1 2 3 10 11 12 13]" {
		t.Error(got)
	}
}

// TestReference: the file is byte for byte that which another program made of the same weights,
// and which llama.cpp reads.
func TestReference(t *testing.T) {
	o, err := Find("", BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	o.Facts.Licence = "" // of which the other program wrote nothing
	var file bytes.Buffer
	if err := o.ExportGGUF(&file, ""); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(file.Bytes())); got != "7c9fb81a868d9654c739e478eb02ff5f99556d0b15801202de1f6aa6068826ce" {
		t.Errorf("%d bytes of hash %s", file.Len(), got)
	}
}

func TestBuiltInThroughAFolder(t *testing.T) {
	want, err := Find("", BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	folder := opened(t, asHF(t, want, ""))
	want.Weights.Output = quant.Matrix{} // it is the embeddings
	same(t, folder, want)
	if want.Config.Rotary.Halves || !folder.Config.Rotary.Halves {
		t.Error("the heads have the wrong order")
	}
	same(t, opened(t, asGGUF(t, folder, "")), want)
}

func TestScaledPositions(t *testing.T) {
	// Llama 3.2: short waves stay, long ones are stretched by 32, some are between.
	r := hfRotary{Type: "llama3", Factor: 32, Low: 1, High: 4, Original: 8192}
	scale, err := r.scale(500000, 64)
	if err != nil || len(scale) != 32 || scale[0] != 1 || scale[31] != 32 || !slices.IsSorted(scale) {
		t.Fatal(scale, err)
	}
	// Dimension 36 has the wavelength 2π·500000^(36/64) = 10094.6, longer than 8192; 34 has 6698.7.
	length := 2 * math.Pi * math.Pow(500000, 34.0/64)
	smooth := (8192/length - 1) / 3
	if want := float32(1 / ((1-smooth)/32 + smooth)); scale[17] != want || scale[18] != 32 {
		t.Error(scale[17], want, scale[18])
	}
	o := made(t, archLlama)
	o.Config.Rotary.Base = 500000
	o.Config.Rotary.Scale, _ = r.scale(500000, o.Config.HeadWidth)
	same(t, opened(t, asGGUF(t, o, "")), o)
	same(t, opened(t, asHF(t, o, "")), o)
	o.Config.Rotary.Scale = []float32{1, 2, 3, 4}
	same(t, opened(t, asGGUF(t, o, "")), o)
	if err := o.ExportHF(filepath.Join(t.TempDir(), "x"), ""); err == nil || !strings.Contains(err.Error(), "no words for") {
		t.Error(err)
	}
}

// logits are those of a text.
func logits(t *testing.T, o *Opened) []float32 {
	t.Helper()
	k := dots.New(simd.Best(), 1)
	defer k.Close()
	m, err := language.New(o.Config, &o.Weights, k)
	if err != nil {
		t.Fatal(err)
	}
	tokens := []int32{3, 1, 4, 1, 5, 9, 2, 6}
	out := make([]float32, len(tokens)*o.Config.Vocabulary)
	if err := m.Read(t.Context(), language.Reading{Text: m.NewText(), Tokens: tokens, Logits: out}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSameLogits: whatever the file, the model says the same.
func TestSameLogits(t *testing.T) {
	models := map[string]*Opened{}
	for _, arch := range architectures {
		models[arch] = made(t, arch)
	}
	stories, err := Find("", BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	models[BuiltIn] = stories
	for name, o := range models {
		want := logits(t, o)
		most := float32(0)
		for _, v := range want {
			most = max(most, v, -v)
		}
		for _, path := range []string{asGGUF(t, o, ""), asHF(t, o, ""), asGGUF(t, opened(t, asHF(t, o, "")), "")} {
			for i, v := range logits(t, opened(t, path)) {
				if d := v - want[i]; d > 1e-4*most || d < -1e-4*most {
					t.Errorf("%s: logit %d of %s is %g; want %g", name, i, filepath.Base(path), v, want[i])
					break
				}
			}
		}
	}
}
