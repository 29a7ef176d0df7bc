package picture

import (
	"image"
	"image/png"
	"io"
	"sync"
)

// Encoders keep what PNGs are written with, for allocating it takes longer than writing a small
// picture. Each is for one level of compression.
type Encoders struct{ pool sync.Pool }

// Get implements [png.EncoderBufferPool].
func (e *Encoders) Get() *png.EncoderBuffer {
	b, _ := e.pool.Get().(*png.EncoderBuffer)
	return b
}

// Put implements [png.EncoderBufferPool].
func (e *Encoders) Put(b *png.EncoderBuffer) { e.pool.Put(b) }

var usual = png.Encoder{BufferPool: &Encoders{}}

// WritePNG writes a picture as [png.Encode] does.
func WritePNG(w io.Writer, img image.Image) error { return usual.Encode(w, img) }
