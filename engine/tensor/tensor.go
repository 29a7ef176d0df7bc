// Package tensor is memory with a shape: the operands of kernels.
package tensor

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/gotype"
	"github.com/gomlx/compute/shapes"
)

// Alignment is the alignment of memory, in bytes: a cache line, and the widest vector.
const Alignment = 64

// large is the number of bytes from which huge pages are requested.
const large = 1 << 18

// A Tensor is row-major memory with a shape. Bytes is aligned to [Alignment] unless it is a part of
// another tensor.
type Tensor struct {
	Shape shapes.Shape
	Bytes []byte
}

// New returns a tensor of zeros.
func New(shape shapes.Shape) Tensor { return Tensor{shape, Memory(Size(shape))} }

// Size is the number of bytes of a shape.
func Size(shape shapes.Shape) int { return shape.DType.SizeForDimensions(shape.Dimensions...) }

// Memory returns n aligned zero bytes.
func Memory(n int) []byte {
	if n == 0 {
		return nil
	}
	b := make([]byte, n+Alignment)
	if n >= large {
		inHugePages(b)
	}
	at := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (Alignment - 1)
	return b[at : at+n : at+n]
}

// Of views the tensor's memory as values. It panics if T is not the Go type of the tensor's dtype.
func Of[T gotype.Supported](t Tensor) []T {
	if want := dtypes.FromGenericsType[T](); want != t.Shape.DType {
		panic(fmt.Sprintf("tensor: a tensor of %s read as %s", t.Shape.DType, want))
	}
	return As[T](t.Bytes)
}

// As views bytes as values of a type without pointers.
func As[T any](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(v)))
}

// FromFlat copies a flat Go slice into a new tensor of the shape.
func FromFlat(flat any, shape shapes.Shape) Tensor {
	t := New(shape)
	copy(t.Bytes, BytesOf(flat))
	return t
}

// Flat views the tensor's memory as a slice of the Go type of its dtype.
func (t Tensor) Flat() any {
	if len(t.Bytes) == 0 {
		return dtypes.MakeAnySlice(t.Shape.DType, 0)
	}
	return dtypes.UnsafeAnySliceFromBytes(unsafe.Pointer(unsafe.SliceData(t.Bytes)), t.Shape.DType, t.Shape.Size())
}

// BytesOf views the memory of a flat Go slice of numbers or booleans.
func BytesOf(flat any) []byte {
	v := reflect.ValueOf(flat)
	if v.Kind() != reflect.Slice {
		panic(fmt.Sprintf("tensor: want a slice, got %T", flat))
	}
	if v.Len() == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(v.UnsafePointer()), v.Len()*int(v.Type().Elem().Size()))
}

// Reshaped returns the same memory with other dimensions of the same size.
func (t Tensor) Reshaped(shape shapes.Shape) Tensor { return Tensor{shape, t.Bytes} }
