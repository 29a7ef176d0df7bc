package cpu

import (
	"reflect"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/tensor"
)

// A Buffer is a tensor owned by the backend. It implements compute.Buffer.
type Buffer struct {
	backend *Backend
	value   tensor.Tensor
	gone    bool
	lent    atomic.Bool // a caller may hold a slice of its memory
}

// Backend implements compute.Buffer.
func (b *Buffer) Backend() compute.Backend { return b.backend }

// Finalize implements compute.Buffer. The memory is reused for a later result of its size, unless a
// caller may still read it.
func (b *Buffer) Finalize() error {
	if !b.lent.Load() {
		b.backend.memory.give(b.value.Bytes)
	}
	b.gone, b.value.Bytes = true, nil
	return nil
}

// Shape implements compute.Buffer.
func (b *Buffer) Shape() (shapes.Shape, error) { return b.value.Shape, b.usable() }

// DeviceNum implements compute.Buffer.
func (b *Buffer) DeviceNum() (compute.DeviceNum, error) { return 0, b.usable() }

// Data implements compute.Buffer.
func (b *Buffer) Data() (any, error) {
	if err := b.usable(); err != nil {
		return nil, err
	}
	b.lent.Store(true)
	return b.value.Flat(), nil
}

// ToFlatData implements compute.Buffer.
func (b *Buffer) ToFlatData(flat any) error {
	if err := b.usable(); err != nil {
		return err
	}
	if v := reflect.ValueOf(flat); v.Kind() != reflect.Slice || v.Len() != b.value.Shape.Size() {
		return errors.Errorf("a tensor of %s does not fit in the given %T", b.value.Shape, flat)
	}
	copy(tensor.BytesOf(flat), b.value.Bytes)
	return nil
}

// CopyToDevice implements compute.Buffer.
func (b *Buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	if err := b.usable(); err != nil {
		return nil, err
	}
	return b.backend.BufferFromFlatData(device, b.value.Flat(), b.value.Shape)
}

func (b *Buffer) usable() error {
	if b.gone {
		return errors.New("the buffer was finalized or donated")
	}
	return nil
}
