// Package matfile reads the variables of MATLAB 5 files of strangers: matrices of numbers and
// cell arrays of them.
package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// An Array is a matrix of numbers or of cells.
type Array struct {
	Name string // empty for a cell
	// Dims are rows, columns and so on. Numbers and Cells are in the order of columns, as many as
	// there are; one of the two is nil.
	Dims    []int
	Numbers []float64
	Cells   []*Array
}

// At is the number in a row and a column, from 0.
func (a *Array) At(row, column int) float64 { return a.Numbers[column*a.Dims[0]+row] }

// The limits of files.
const (
	headerBytes = 128
	mostBytes   = 256 << 20 // unpacked, of all variables
	mostNumbers = 16 << 20  // of all matrices
	mostCells   = 1 << 20
	mostNesting = 8
	mostNames   = 64
	mostDims    = 8
)

// The types of data elements, and the classes of arrays, of the format (MathWorks, MAT-File Format,
// version 5).
const (
	typeInt8, typeUint8, typeInt16, typeUint16, typeInt32, typeUint32 = 1, 2, 3, 4, 5, 6
	typeSingle, typeDouble, typeInt64, typeUint64                     = 7, 9, 12, 13
	typeMatrix, typeCompressed                                        = 14, 15

	classCell, classFirstNumber, classLastNumber = 1, 6, 15
	flagComplex                                  = 0x08
)

// Read returns the variables of a file that are matrices of real numbers or cell arrays of such,
// by their names. Its errors complete a sentence that begins with the name of the file.
func Read(file []byte) (map[string]*Array, error) {
	if len(file) < headerBytes || !bytes.HasPrefix(file, []byte("MATLAB 5.0")) {
		return nil, errors.New("is no MATLAB 5 file")
	}
	r := &reader{order: binary.LittleEndian}
	switch string(file[126:128]) {
	case "IM":
	case "MI":
		r.order = binary.BigEndian
	default:
		return nil, errors.New("is a MATLAB file whose order of bytes is unknown")
	}
	all := map[string]*Array{}
	for rest := file[headerBytes:]; len(rest) > 0; {
		kind, body, after, err := r.element(rest)
		if err != nil {
			return nil, err
		}
		rest = after
		if kind == typeCompressed {
			if body, err = r.unpack(body); err != nil {
				return nil, err
			}
			if kind, body, _, err = r.element(body); err != nil {
				return nil, err
			}
		}
		if kind != typeMatrix {
			continue
		}
		a, err := r.array(body, 0)
		if err != nil {
			return nil, err
		}
		if a != nil && a.Name != "" {
			all[a.Name] = a
		}
	}
	return all, nil
}

// A reader reads with limits.
type reader struct {
	order                    binary.ByteOrder
	unpacked, numbers, cells int
}

// element splits off the first data element.
func (r *reader) element(b []byte) (kind int, body, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, nil, errors.New("is cut off")
	}
	head := r.order.Uint32(b)
	if small := head >> 16; small > 0 { // up to four bytes, within the tag
		if small > 4 {
			return 0, nil, nil, fmt.Errorf("has a small element of %d bytes", small)
		}
		return int(head & 0xFFFF), b[4 : 4+small], b[8:], nil
	}
	size := int64(r.order.Uint32(b[4:]))
	if size > int64(len(b)-8) {
		return 0, nil, nil, errors.New("is cut off")
	}
	body, rest = b[8:8+size], b[8+size:]
	if pad := int(-size & 7); head != typeCompressed {
		rest = rest[min(pad, len(rest)):]
	}
	return int(head), body, rest, nil
}

// unpack decompresses an element.
func (r *reader) unpack(b []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("has a damaged variable: %w", err)
	}
	defer z.Close()
	out, err := io.ReadAll(io.LimitReader(z, int64(mostBytes-r.unpacked)+1))
	if err != nil {
		return nil, fmt.Errorf("has a damaged variable: %w", err)
	}
	if r.unpacked += len(out); r.unpacked > mostBytes {
		return nil, fmt.Errorf("unpacks to more than %d bytes", mostBytes)
	}
	return out, nil
}

// array reads the body of a matrix element; nil if it is of a class that is not read.
func (r *reader) array(b []byte, nesting int) (*Array, error) {
	if nesting > mostNesting {
		return nil, fmt.Errorf("has cells nested more than %d deep", mostNesting)
	}
	if len(b) == 0 { // an empty cell
		return &Array{Dims: []int{0, 0}}, nil
	}
	_, flags, b, err := r.element(b)
	if err != nil {
		return nil, err
	}
	_, dims, b, err := r.element(b)
	if err != nil {
		return nil, err
	}
	_, name, b, err := r.element(b)
	if err != nil {
		return nil, err
	}
	if len(flags) < 4 || len(dims)%4 != 0 || len(dims) < 8 || len(dims) > 4*mostDims || len(name) > mostNames {
		return nil, errors.New("has a matrix with a damaged head")
	}
	a, count := &Array{Name: string(name)}, 1
	for ; len(dims) > 0; dims = dims[4:] {
		n := int64(int32(r.order.Uint32(dims)))
		if n < 0 || n > mostNumbers || int64(count)*n > mostNumbers {
			return nil, fmt.Errorf("has a matrix of more than %d numbers", mostNumbers)
		}
		a.Dims, count = append(a.Dims, int(n)), count*int(n)
	}
	head := r.order.Uint32(flags)
	switch class := int(head & 0xFF); {
	case class == classCell:
		return a, r.readCells(a, b, count, nesting)
	case class >= classFirstNumber && class <= classLastNumber && head>>8&flagComplex == 0:
		return a, r.readNumbers(a, b, count)
	}
	return nil, nil
}

// readCells reads so many matrices one after another.
func (r *reader) readCells(a *Array, b []byte, count, nesting int) error {
	if r.cells += count; r.cells > mostCells || count > len(b)/8 {
		return fmt.Errorf("has %d cells in %d bytes", count, len(b))
	}
	for range count {
		kind, body, rest, err := r.element(b)
		if err != nil {
			return err
		}
		if kind != typeMatrix {
			return fmt.Errorf("has a cell of type %d", kind)
		}
		cell, err := r.array(body, nesting+1)
		if err != nil {
			return err
		}
		if cell == nil {
			return errors.New("has a cell that is no matrix of real numbers")
		}
		a.Cells, b = append(a.Cells, cell), rest
	}
	return nil
}

// readNumbers reads the numbers of a matrix, which may be stored in a smaller type than its own.
func (r *reader) readNumbers(a *Array, b []byte, count int) error {
	if count == 0 {
		return nil
	}
	kind, body, _, err := r.element(b)
	if err != nil {
		return err
	}
	width, read := r.number(kind)
	switch {
	case width == 0:
		return fmt.Errorf("has numbers of type %d", kind)
	case len(body) != width*count:
		return fmt.Errorf("has a matrix of %d numbers in %d bytes", count, len(body))
	}
	if r.numbers += count; r.numbers > mostNumbers {
		return fmt.Errorf("has more than %d numbers", mostNumbers)
	}
	a.Numbers = make([]float64, count)
	for i := range a.Numbers {
		a.Numbers[i] = read(body[i*width:])
	}
	return nil
}

// number is how a type of numbers is read, and its bytes; 0 if it is none.
func (r *reader) number(kind int) (width int, read func([]byte) float64) {
	switch kind {
	case typeInt8:
		return 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case typeUint8:
		return 1, func(b []byte) float64 { return float64(b[0]) }
	case typeInt16:
		return 2, func(b []byte) float64 { return float64(int16(r.order.Uint16(b))) }
	case typeUint16:
		return 2, func(b []byte) float64 { return float64(r.order.Uint16(b)) }
	case typeInt32:
		return 4, func(b []byte) float64 { return float64(int32(r.order.Uint32(b))) }
	case typeUint32:
		return 4, func(b []byte) float64 { return float64(r.order.Uint32(b)) }
	case typeSingle:
		return 4, func(b []byte) float64 { return float64(math.Float32frombits(r.order.Uint32(b))) }
	case typeDouble:
		return 8, func(b []byte) float64 { return math.Float64frombits(r.order.Uint64(b)) }
	case typeInt64:
		return 8, func(b []byte) float64 { return float64(int64(r.order.Uint64(b))) }
	case typeUint64:
		return 8, func(b []byte) float64 { return float64(r.order.Uint64(b)) }
	}
	return 0, nil
}
