// Package cpu runs graphs on the processor: a compute.Backend in Go and Go assembly.
//
// A [Builder] records operations into the graph of package ir; Compile removes dead code and
// chooses a kernel for each operation; an [Executable] runs the kernels in order over memory that
// is reused as soon as its last reader is done. An operation without a kernel runs on gomlx's Go
// backend, and is counted.
package cpu

//go:generate go run ./gen record_gen.go

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/conv"
	"atelier/engine/product"
	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// A Backend implements compute.Backend. It is safe for concurrent use.
type Backend struct {
	path         simd.Path
	pool         *threads.Pool
	kernels      *simd.Kernels
	products     *product.Engine
	convolutions *conv.Engine
	// checks operations, infers their shapes and runs those without a kernel here
	plain     compute.Backend
	memory    memory
	profile   profile
	finalized bool
}

// New returns a backend with the given number of threads, for a path that the processor supports.
func New(path simd.Path, n int) (*Backend, error) {
	plain, err := gobackend.New("ops_sequential")
	if err != nil {
		return nil, err
	}
	pool := threads.New(n)
	products := product.New(pool, path)
	return &Backend{
		path: path, pool: pool, kernels: simd.For(path), products: products,
		convolutions: conv.NewEngine(pool, path, products), plain: plain,
	}, nil
}

// Name implements compute.Backend.
func (b *Backend) Name() string { return "atelier" }

// String implements compute.Backend.
func (b *Backend) String() string { return b.Name() }

// Description implements compute.Backend.
func (b *Backend) Description() string {
	return fmt.Sprintf("processor, %s, %d threads", b.path, b.pool.Size())
}

// NumDevices implements compute.Backend.
func (b *Backend) NumDevices() int { return 1 }

// DeviceDescription implements compute.Backend.
func (b *Backend) DeviceDescription(compute.DeviceNum) string { return b.Description() }

// Capabilities implements compute.Backend: those of gomlx's Go backend, plus batch normalisation and
// dynamic slices, minus dynamic and fused operations, which gomlx then decomposes.
func (b *Backend) Capabilities() compute.Capabilities {
	c := b.plain.Capabilities().Clone()
	c.DynamicShapes = compute.DynamicShapesNone
	for _, op := range []compute.OpType{
		compute.OpTypeDynamicIota, compute.OpTypeDynamicPad, compute.OpTypeDynamicReshape, compute.OpTypeDynamicBroadcastInDim,
		compute.OpTypeFusedDense, compute.OpTypeFusedGelu, compute.OpTypeFusedSoftmax, compute.OpTypeFusedLayerNorm,
		compute.OpTypeFusedAttentionQKVProjection, compute.OpTypeFusedScaledDotProductAttention,
		compute.OpTypeFusedQuantizedDense, compute.OpTypeQuantizedEmbeddingLookup,
	} {
		delete(c.Operations, op)
	}
	for _, op := range []compute.OpType{
		compute.OpTypeBatchNormForTraining, compute.OpTypeBatchNormForInference, compute.OpTypeBatchNormGradient,
		compute.OpTypeDynamicSlice, compute.OpTypeDynamicUpdateSlice,
	} {
		c.Operations[op] = true
	}
	return c
}

// Builder implements compute.Backend.
func (b *Backend) Builder(name string) compute.Builder {
	shadow := b.plain.Builder(name)
	out := &Builder{Builder: notimplemented.Builder{ErrFn: missing}, backend: b, name: name, shadow: shadow}
	out.main = out.function(compute.MainName, nil, shadow.Main())
	return out
}

func missing(op compute.OpType) error {
	return errors.Wrapf(notimplemented.NotImplementedError, "operation %s", op)
}

// Finalize implements compute.Backend: it ends the threads and frees the cached memory.
func (b *Backend) Finalize() {
	b.finalized = true
	b.pool.Close()
	b.memory.clear()
	b.plain.Finalize()
}

// IsFinalized implements compute.Backend.
func (b *Backend) IsFinalized() bool { return b.finalized }

// BufferFromFlatData implements compute.Backend: it copies.
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	buffer, _, err := b.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, err
	}
	from := tensor.BytesOf(flat)
	to := buffer.(*Buffer).value.Bytes
	if len(from) != len(to) {
		return nil, errors.Errorf("%d bytes of %T for a tensor of %s, which has %d", len(from), flat, shape, len(to))
	}
	copy(to, from)
	return buffer, nil
}

// HasSharedBuffers implements compute.Backend.
func (b *Backend) HasSharedBuffers() bool { return true }

// NewSharedBuffer implements compute.Backend.
func (b *Backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	if b.finalized {
		return nil, nil, errors.New("the backend is closed")
	}
	if device != 0 {
		return nil, nil, errors.Errorf("no device %d, there is one processor, number 0", device)
	}
	if !shape.Ok() || shape.IsDynamic() {
		return nil, nil, errors.Errorf("no memory for the shape %s", shape)
	}
	value := tensor.New(shape.Clone())
	shared := &Buffer{backend: b, value: value}
	shared.lent.Store(true)
	return shared, value.Flat(), nil
}
