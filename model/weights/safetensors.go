// Package weights reads and writes the weights of networks: one format per file.
package weights

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
)

// The safetensors format (github.com/huggingface/safetensors): eight bytes with
// the length of the header, a JSON header, then the tensors without gaps.
const (
	headerLimit = 16 << 20 // bytes
	rankLimit   = 16
	metadataKey = "__metadata__"
)

// A Tensor is a named tensor of a file.
type Tensor struct {
	DType dtypes.DType
	Dims  []int  // none for a scalar
	Data  []byte // row-major, little-endian
}

var typeNames = map[dtypes.DType]string{
	dtypes.Float64: "F64", dtypes.Int64: "I64", dtypes.Uint64: "U64",
	dtypes.Float32: "F32", dtypes.Int32: "I32", dtypes.Uint32: "U32",
	dtypes.Float16: "F16", dtypes.BFloat16: "BF16",
	dtypes.Uint8: "U8", dtypes.Bool: "BOOL",
}

var typesByName = func() map[string]dtypes.DType {
	types := map[string]dtypes.DType{}
	for t, name := range typeNames {
		types[name] = t
	}
	return types
}()

// header describes one tensor.
type header struct {
	DType   string    `json:"dtype"`
	Shape   []int     `json:"shape"`
	Offsets [2]uint64 `json:"data_offsets"`
}

// Encode writes tensors and metadata in the safetensors format. The same tensors give the same
// bytes: wide types come first, so that every tensor is aligned to its element size, sorted by
// name.
func Encode(w io.Writer, tensors map[string]Tensor, metadata map[string]string) error {
	return EncodeEach(w, tensors, metadata, func(name string) ([]byte, error) { return tensors[name].Data, nil })
}

// EncodeEach is Encode with the data of each tensor produced when it is written; Data of the
// tensors is ignored.
func EncodeEach(w io.Writer, tensors map[string]Tensor, metadata map[string]string, data func(name string) ([]byte, error)) error {
	names := slices.SortedFunc(maps.Keys(tensors), func(a, b string) int {
		return cmp.Or(cmp.Compare(tensors[b].DType.Size(), tensors[a].DType.Size()), cmp.Compare(a, b))
	})
	all := map[string]any{}
	if len(metadata) > 0 {
		all[metadataKey] = metadata
	}
	offset := uint64(0)
	for _, name := range names {
		t := tensors[name]
		kind, known := typeNames[t.DType]
		if !known || name == metadataKey {
			return fmt.Errorf("safetensors cannot hold %q of type %s", name, t.DType)
		}
		size, err := byteSize(t.DType, t.Dims)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		end := offset + size
		all[name] = header{kind, append([]int{}, t.Dims...), [2]uint64{offset, end}}
		offset = end
	}
	head, err := json.Marshal(all) // keys in order
	if err != nil {
		return err
	}
	head = append(head, bytes.Repeat([]byte{' '}, -len(head)&7)...)
	if len(head) > headerLimit {
		return fmt.Errorf("%d tensors make a safetensors header of %d bytes; at most %d are allowed", len(names), len(head), headerLimit)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(head)))); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, name := range names {
		b, err := data(name)
		if size, _ := byteSize(tensors[name].DType, tensors[name].Dims); err == nil && uint64(len(b)) != size {
			err = fmt.Errorf("tensor %q has %d bytes; its shape takes %d", name, len(b), size)
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Decode reads the safetensors format. The tensors share the memory of data. Whatever data holds,
// it neither panics nor takes much more memory than data; its errors name the offending tensor.
func Decode(data []byte) (map[string]Tensor, map[string]string, error) {
	if len(data) < 8 {
		return nil, nil, fmt.Errorf("not a safetensors file: %d bytes are too few", len(data))
	}
	length, rest := binary.LittleEndian.Uint64(data), data[8:]
	if length > headerLimit {
		return nil, nil, fmt.Errorf("not a safetensors file: a header of %d bytes; at most %d are allowed", length, headerLimit)
	}
	if length > uint64(len(rest)) {
		return nil, nil, fmt.Errorf("the file is truncated: a header of %d bytes, but only %d bytes are left", length, len(rest))
	}
	headers, metadata, err := parse(rest[:length])
	if err != nil {
		return nil, nil, err
	}
	tensors, err := cut(headers, rest[length:])
	return tensors, metadata, err
}

// parse reads the JSON header.
func parse(head []byte) (map[string]header, map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(head))
	dec.DisallowUnknownFields()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("not a safetensors file: the header is not a JSON object")
	}
	headers, metadata := map[string]header{}, map[string]string(nil)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("the safetensors header is not JSON: %w", err)
		}
		name, _ := t.(string)
		if name == metadataKey {
			if err := dec.Decode(&metadata); err != nil {
				return nil, nil, fmt.Errorf("the metadata of the safetensors header: %w", err)
			}
			continue
		}
		if _, twice := headers[name]; twice {
			return nil, nil, fmt.Errorf("tensor %q is duplicated", name)
		}
		var h header
		if err := dec.Decode(&h); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		headers[name] = h
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("the safetensors header is not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("the safetensors header goes on after its end")
	}
	return headers, metadata, nil
}

// cut assigns every tensor its part of data and checks that the parts are contiguous.
func cut(headers map[string]header, data []byte) (map[string]Tensor, error) {
	names := slices.SortedFunc(maps.Keys(headers), func(a, b string) int {
		x, y := headers[a].Offsets, headers[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	tensors, at := make(map[string]Tensor, len(names)), uint64(0)
	for _, name := range names {
		h := headers[name]
		begin, end := h.Offsets[0], h.Offsets[1]
		kind, known := typesByName[h.DType]
		size, err := byteSize(kind, h.Shape)
		switch {
		case !known:
			err = fmt.Errorf("type %q is unknown", h.DType)
		case err != nil:
		case begin > end || end > uint64(len(data)):
			err = fmt.Errorf("it claims bytes %d to %d, but the file has %d bytes of tensors", begin, end, len(data))
		case begin != at:
			err = fmt.Errorf("it should start at byte %d, where the previous one ends, not at %d", at, begin)
		case end-begin != size:
			err = fmt.Errorf("shape %v of type %s takes %d bytes, not %d", h.Shape, h.DType, size, end-begin)
		case kind == dtypes.Bool && bytes.ContainsFunc(data[begin:end], func(r rune) bool { return r > 1 }):
			err = errors.New("a boolean is neither 0 nor 1")
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = Tensor{kind, h.Shape, data[begin:end:end]}
		at = end
	}
	if at != uint64(len(data)) {
		return nil, fmt.Errorf("the tensors end at %d, but the file has %d bytes of them", at, len(data))
	}
	return tensors, nil
}

// byteSize is the size of a tensor, if it fits into memory at all.
func byteSize(kind dtypes.DType, dims []int) (uint64, error) {
	if len(dims) > rankLimit {
		return 0, fmt.Errorf("%d axes; at most %d are allowed", len(dims), rankLimit)
	}
	size := uint64(1)
	if kind != dtypes.InvalidDType {
		size = uint64(kind.Size())
	}
	for _, d := range dims {
		if d < 1 {
			return 0, fmt.Errorf("shape %v: every axis needs at least one element", dims)
		}
		if size > math.MaxInt64/uint64(d) {
			return 0, fmt.Errorf("shape %v is larger than any file", dims)
		}
		size *= uint64(d)
	}
	return size, nil
}
