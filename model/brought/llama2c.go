package brought

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"atelier/internal/durable"
	"atelier/internal/quant"
	"atelier/model/language"
)

// The format of llama2.c (github.com/karpathy/llama2.c), version 0: seven 32-bit integers, then all
// weights as float32.
const (
	llama2CHeader = 7 * 4
	llama2CMagic  = 0x616b3432 // of versions 1 and 2
	mostTokenizer = 64 << 20   // bytes
)

// openLlama2C opens a llama2.c file in memory.
func (o *Opened) openLlama2C(data []byte) error {
	unknown := errors.New("not a language model: neither GGUF, nor a .bin file of llama2.c, nor a folder with config.json")
	if len(data) >= 4 && binary.LittleEndian.Uint32(data) == llama2CMagic {
		return errors.New("a file of llama2.c of version 1 or 2; version 0 is read, which export.py writes with --version 0")
	}
	if len(data) < llama2CHeader {
		return unknown
	}
	var h [7]int
	for i := range h {
		h[i] = int(int32(binary.LittleEndian.Uint32(data[4*i:])))
	}
	tied := h[5] > 0
	c := &o.Config
	*c = language.Config{
		Vocabulary: max(h[5], -h[5]), Context: h[6], Width: h[0], Hidden: h[1], Layers: h[2], Heads: h[3], KVHeads: h[4],
		Epsilon: 1e-5, Rotary: &language.Rotary{Base: 10000}, Activation: language.Silu,
	}
	if h[3] > 0 {
		c.HeadWidth = h[0] / h[3]
	}
	if c.Check() != nil || c.Heads*c.HeadWidth != c.Width {
		return unknown
	}
	s := &stretch{data: data[llama2CHeader:]}
	o.Weights = s.weights(c, tied)
	switch {
	case s.short:
		return errors.New("not a whole language model: by its header it is a .bin file of llama2.c, but it ends before all weights are there: it is truncated, or of another format")
	case len(s.data) > 0:
		return fmt.Errorf("not a language model that is read: by its header it is a .bin file of llama2.c, version 0, but %d bytes follow the weights", len(s.data))
	}
	o.Facts.Format, o.Facts.Architecture = FormatLlama2C, archLlama
	return nil
}

// openTokenizer reads the tokenizer file, which is searched beside the weights unless it is given.
func (o *Opened) openTokenizer(path, tokenizer string) error {
	names := []string{fmt.Sprintf("tok%d.bin", o.Config.Vocabulary), "tokenizer.bin"}
	for _, name := range names {
		if tokenizer != "" {
			break
		}
		beside := filepath.Join(filepath.Dir(path), name)
		if _, err := os.Stat(beside); err == nil {
			tokenizer = beside
		}
	}
	if tokenizer == "" {
		return fmt.Errorf("there is no tokenizer beside it: want %s or %s, or name one with --tokenizer", names[0], names[1])
	}
	file, err := durable.ReadFile(tokenizer, mostTokenizer)
	if err != nil {
		return err
	}
	if err := o.setLlama2C(file); err != nil {
		return fmt.Errorf("%s: %w", tokenizer, err)
	}
	name := names[1]
	if filepath.Base(tokenizer) == names[0] {
		name = names[0]
	}
	o.files = append(o.files, piece{name, tokenizer})
	return nil
}

// A stretch is a run of float32 that is consumed in pieces.
type stretch struct {
	data  []byte
	short bool
}

// matrix takes the next values.
func (s *stretch) matrix(rows, cols int) quant.Matrix {
	if s.short || rows > len(s.data)/4/cols {
		s.short = true
		return quant.Matrix{}
	}
	size := 4 * rows * cols
	m, err := quant.NewMatrix(quant.F32, rows, cols, s.data[:size:size])
	s.short = err != nil
	s.data = s.data[size:]
	return m
}

// each takes a matrix for every layer.
func (s *stretch) each(layers []language.Layer, rows, cols int, set func(l *language.Layer, m quant.Matrix)) {
	for i := range layers {
		if m := s.matrix(rows, cols); !s.short {
			set(&layers[i], m)
		}
	}
}

// weights takes all weights. Those of one kind are consecutive, for all layers.
func (s *stretch) weights(c *language.Config, tied bool) (w language.Weights) {
	w.Layers = make([]language.Layer, c.Layers)
	keys := c.KVHeads * c.HeadWidth
	w.Tokens = s.matrix(c.Vocabulary, c.Width)
	s.each(w.Layers, 1, c.Width, func(l *language.Layer, m quant.Matrix) { l.AttentionNorm.Scale = m.Floats() })
	s.each(w.Layers, c.Width, c.Width, func(l *language.Layer, m quant.Matrix) { l.Q.Weight = m })
	s.each(w.Layers, keys, c.Width, func(l *language.Layer, m quant.Matrix) { l.K.Weight = m })
	s.each(w.Layers, keys, c.Width, func(l *language.Layer, m quant.Matrix) { l.V.Weight = m })
	s.each(w.Layers, c.Width, c.Width, func(l *language.Layer, m quant.Matrix) { l.O.Weight = m })
	s.each(w.Layers, 1, c.Width, func(l *language.Layer, m quant.Matrix) { l.FeedNorm.Scale = m.Floats() })
	s.each(w.Layers, c.Hidden, c.Width, func(l *language.Layer, m quant.Matrix) { l.Gate.Weight = m })
	s.each(w.Layers, c.Width, c.Hidden, func(l *language.Layer, m quant.Matrix) { l.FeedDown.Weight = m })
	s.each(w.Layers, c.Hidden, c.Width, func(l *language.Layer, m quant.Matrix) { l.FeedUp.Weight = m })
	if m := s.matrix(1, c.Width); !s.short {
		w.Norm.Scale = m.Floats()
	}
	if s.matrix(c.Context, c.HeadWidth); tied { // a table of rotations, which follows from the config
		w.Output = w.Tokens
	} else {
		w.Output = s.matrix(c.Vocabulary, c.Width)
	}
	return w
}
