package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Write writes a file. The data of each tensor is requested when it is written, so that not all of
// it need be in memory; Data of the tensors is ignored.
func Write(w io.Writer, pairs []Pair, tensors []Tensor, data func(i int) ([]byte, error)) error {
	head := []byte(magic)
	head = binary.LittleEndian.AppendUint32(head, version)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(tensors)))
	head = binary.LittleEndian.AppendUint64(head, uint64(len(pairs)))
	alignment := uint64(usualAlignment)
	for _, p := range pairs {
		if v, ok := p.Value.(uint32); ok && p.Key == keyAlignment {
			alignment = uint64(v)
		}
		var err error
		if head, err = appendValue(appendString(head, p.Key), p.Value); err != nil {
			return fmt.Errorf("the value of %s: %w", shown(p.Key), err)
		}
	}
	var offset uint64
	for i := range tensors {
		t := &tensors[i]
		number, err := numberOf(t.Type)
		if err != nil {
			return fmt.Errorf("tensor %s: %w", shown(t.Name), err)
		}
		head = binary.LittleEndian.AppendUint32(appendString(head, t.Name), uint32(len(t.Dims)))
		for k := range t.Dims {
			head = binary.LittleEndian.AppendUint64(head, uint64(t.Dims[len(t.Dims)-1-k]))
		}
		head = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(head, number), offset)
		size := uint64(t.Type.Bytes(t.Size()))
		offset += size + padding(size, alignment)
	}
	head = append(head, make([]byte, padding(uint64(len(head)), alignment))...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	for i := range tensors {
		b, err := data(i)
		if err == nil && len(b) != tensors[i].Type.Bytes(tensors[i].Size()) {
			err = fmt.Errorf("tensor %s has %d bytes", shown(tensors[i].Name), len(b))
		}
		if err != nil {
			return err
		}
		for _, part := range [][]byte{b, make([]byte, padding(uint64(len(b)), alignment))} {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// padding is the number of bytes up to the next multiple of the alignment.
func padding(size, alignment uint64) uint64 { return (alignment - size%alignment) % alignment }

func appendString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// appendValue appends the kind of a value, and the value.
func appendValue(b []byte, value any) ([]byte, error) {
	if a, ok := value.(Array); ok {
		b = binary.LittleEndian.AppendUint32(b, uint32(ArrayKind))
		b = binary.LittleEndian.AppendUint32(b, uint32(a.Kind))
		return append(binary.LittleEndian.AppendUint64(b, uint64(a.Len)), a.raw...), nil
	}
	kind, err := kindOf(value)
	if err != nil {
		return nil, err
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(kind))
	if s, ok := value.(string); ok {
		return appendString(b, s), nil
	}
	return binary.Append(b, binary.LittleEndian, value)
}

func kindOf(value any) (Kind, error) {
	switch value.(type) {
	case uint8:
		return Uint8, nil
	case int8:
		return Int8, nil
	case uint16:
		return Uint16, nil
	case int16:
		return Int16, nil
	case uint32:
		return Uint32, nil
	case int32:
		return Int32, nil
	case uint64:
		return Uint64, nil
	case int64:
		return Int64, nil
	case float32:
		return Float32, nil
	case float64:
		return Float64, nil
	case bool:
		return Bool, nil
	case string:
		return String, nil
	}
	return 0, fmt.Errorf("no metadata is of type %T", value)
}
