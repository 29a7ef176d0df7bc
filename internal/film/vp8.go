package film

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// libwebp 1.4.0 as WebAssembly, as in github.com/gen2brain/webp v0.5.5. That package itself calls
// the system's libwebp where there is one, and then the same frames give different bytes.
//
//go:embed webp.wasm.gz
var libwebp []byte

// The compiled code is shared by all encoders: compiling it takes most of a second.
var compiled = sync.OnceValues(func() (*compiledWebP, error) {
	packed, err := gzip.NewReader(bytes.NewReader(libwebp))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(packed)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, err
	}
	m, err := r.CompileModule(ctx, code)
	return &compiledWebP{r, m}, err
})

type compiledWebP struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// An encoder writes lossy WebP with memory of its own.
type encoder struct {
	ctx                  context.Context
	module               api.Module
	alloc, free, encoded api.Function
}

func newEncoder(ctx context.Context) (*encoder, error) {
	c, err := compiled()
	if err != nil {
		return nil, fmt.Errorf("libwebp: %w", err)
	}
	m, err := c.runtime.InstantiateModule(ctx, c.module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("libwebp: %w", err)
	}
	return &encoder{ctx, m, m.ExportedFunction("malloc"), m.ExportedFunction("free"), m.ExportedFunction("encode")}, nil
}

func (e *encoder) close() { _ = e.module.Close(e.ctx) }

// webpMethod is the trade of time for size, 0 to 6.
const webpMethod = 4

// encode writes an opaque picture as lossy WebP of a quality, 1 to 99.
func (e *encoder) encode(m *image.NRGBA, quality int) ([]byte, error) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	in, err := e.call(e.alloc, uint64(4*w*h))
	if err != nil {
		return nil, err
	}
	defer e.call(e.free, in)
	size, err := e.call(e.alloc, 8)
	if err != nil {
		return nil, err
	}
	defer e.call(e.free, size)
	memory := e.module.Memory()
	for y := range h {
		if !memory.Write(uint32(in)+uint32(4*w*y), m.Pix[y*m.Stride:][:4*w]) {
			return nil, errMemory
		}
	}
	if !memory.WriteUint64Le(uint32(size), 0) {
		return nil, errMemory
	}
	const colourRGB, lossless, exact = 0, 0, 0
	out, err := e.call(e.encoded, in, uint64(w), uint64(h), size, colourRGB, uint64(quality), webpMethod, lossless, exact)
	if err != nil {
		return nil, err
	}
	defer e.call(e.free, out)
	n, ok := memory.ReadUint32Le(uint32(size))
	if !ok || n == 0 {
		return nil, errMemory
	}
	file, ok := memory.Read(uint32(out), n)
	if !ok {
		return nil, errMemory
	}
	return bytes.Clone(file), nil
}

var errMemory = errors.New("libwebp has no memory for the frame")

// call calls a function that returns at most one number.
func (e *encoder) call(f api.Function, args ...uint64) (uint64, error) {
	got, err := f.Call(e.ctx, args...)
	switch {
	case err != nil:
		return 0, fmt.Errorf("libwebp: %w", err)
	case len(got) == 0:
		return 0, nil
	}
	return got[0], nil
}
