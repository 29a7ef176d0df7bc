package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"atelier/internal/quant"
	"atelier/model/language"
)

// Targets of the large model.
const (
	leastBandwidth = 0.6
	leastPeak      = 0.4
)

// large times random weights of the size of a real chat model.
func (s *Text) large(ctx context.Context, on *Machine, emit func(Row)) error {
	if !s.Large {
		return nil
	}
	config := language.Config{
		Vocabulary: 151936, Context: 32768, Width: 896, Hidden: 4864, Layers: 24, Heads: 14, KVHeads: 2, HeadWidth: 64,
		Epsilon: 1e-6, Rotary: &language.Rotary{Base: 1e6, Halves: true}, Activation: language.Silu,
	}
	weights, bytes := randomWeights(config)
	m, err := language.New(config, weights, on.Kernels)
	if err != nil {
		return err
	}
	if err := s.decoding(ctx, on, m, bytes, emit); err != nil {
		return err
	}
	return reading(ctx, on, m, emit)
}

// decoding times tokens in turn with products of a float32 matrix of as many bytes with one vector,
// which read it as fast as memory allows.
func (s *Text) decoding(ctx context.Context, on *Machine, m *language.Model, bytes float64, emit func(Row)) error {
	const turns = 32
	product, seconds := on.reader(int(bytes)), s.clock()
	var tokens, products []float64
	w := &language.Writer{Model: m, Sampling: language.Plain}
	begun, written := 0., 0
	err := w.Write(ctx, []language.Start{{Prompt: []int32{1}}}, func(int, language.Token) (bool, error) {
		if written++; written > 1 { // the first follows the prompt
			tokens = append(tokens, seconds()-begun)
		}
		begun = seconds()
		product()
		products = append(products, seconds()-begun)
		begun = seconds()
		return written <= turns, nil
	})
	if err != nil {
		return err
	}
	took := median(tokens)
	share := median(products) / took
	emit(Row{Name: "Qwen2.5-0.5B's layout in Q8_0, writing", Value: 1 / took, Unit: "tokens/s", Bar: fmt.Sprintf(">= %g of the bandwidth", leastBandwidth), Holds: share >= leastBandwidth, Share: &share, N: turns})
	return nil
}

// clock is what seconds are read from.
func (s *Text) clock() func() float64 {
	if s.Processor {
		return processorSeconds
	}
	begun := time.Now()
	return func() float64 { return time.Since(begun).Seconds() }
}

// reader returns the product of a float32 matrix of about the given size with one vector.
func (m *Machine) reader(bytes int) func() {
	const cols = 4096
	rows := bytes / (4 * cols)
	matrix := quant.Dense(make([]float32, rows*cols), rows)
	for i := 0; i < len(matrix.Data); i += 4096 {
		matrix.Data[i] = 1 // pages that were never written take no memory
	}
	x, dst, all := make([]float32, cols), [][]float32{make([]float32, rows)}, []quant.Matrix{matrix}
	return func() { m.Kernels.Multiply(dst, x, 1, all) }
}

// reading times a prompt by the clock, as the peak is measured.
func reading(ctx context.Context, on *Machine, m *language.Model, emit func(Row)) error {
	peak, err := on.Peak()
	if err != nil {
		return err
	}
	const prompt = 256
	begun := time.Now()
	if err := m.Read(ctx, language.Reading{Text: m.NewText(), Tokens: make([]int32, prompt)}); err != nil {
		return err
	}
	inLayers := float64(m.Parameters() - m.Vocabulary*m.Width)
	speed := 2 * inLayers * prompt / time.Since(begun).Seconds() / 1e9
	ofPeak := speed / peak
	emit(Row{Name: "Qwen2.5-0.5B's layout in Q8_0, reading a prompt", Value: speed, Unit: "GFLOP/s", Bar: fmt.Sprintf(">= %g of the peak in float32", leastPeak), Holds: ofPeak >= leastPeak, Share: &ofPeak, N: prompt})
	return nil
}

// randomWeights returns random weights in Q8_0, and the number of bytes read per token.
func randomWeights(c language.Config) (w *language.Weights, bytes float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	matrix := func(rows, cols int) quant.Matrix {
		m := quant.Matrix{Type: quant.Q8_0, Rows: rows, Cols: cols, Data: make([]byte, rows*quant.Q8_0.Bytes(cols))}
		at := 0
		for ; at+8 <= len(m.Data); at += 8 {
			binary.LittleEndian.PutUint64(m.Data[at:], rng.Uint64())
		}
		for ; at < len(m.Data); at++ {
			m.Data[at] = byte(rng.Uint64())
		}
		const scale = 0x0c00 // 2^-12 as float16
		_, size := quant.Q8_0.Block()
		for at := 0; at < len(m.Data); at += size {
			binary.LittleEndian.PutUint16(m.Data[at:], scale)
		}
		bytes += float64(len(m.Data))
		return m
	}
	vector := func(n int, v float32) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = v
		}
		return x
	}
	linear := func(rows, cols int) language.Linear { return language.Linear{Weight: matrix(rows, cols)} }
	norm := func() language.Norm { return language.Norm{Scale: vector(c.Width, 1)} }
	w = &language.Weights{Tokens: matrix(c.Vocabulary, c.Width), Norm: norm()}
	for range c.Layers {
		inner, kv := c.Heads*c.HeadWidth, c.KVHeads*c.HeadWidth
		l := language.Layer{
			AttentionNorm: norm(), Q: linear(inner, c.Width), K: linear(kv, c.Width), V: linear(kv, c.Width), O: linear(c.Width, inner),
			FeedNorm: norm(), Gate: linear(c.Hidden, c.Width), FeedUp: linear(c.Hidden, c.Width), FeedDown: linear(c.Width, c.Hidden),
		}
		l.Q.Bias, l.K.Bias, l.V.Bias = vector(inner, 0.01), vector(kv, 0.01), vector(kv, 0.01)
		w.Layers = append(w.Layers, l)
	}
	return w, bytes
}
