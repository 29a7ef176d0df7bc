// Package parquetfile opens untrusted Parquet files: declared sizes are checked against the actual
// bytes before memory is allocated, and panics of the library become errors.
package parquetfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/badinput"
)

// Limits of a file.
const (
	maxFooter  = 64 << 20 // bytes
	maxStructs = 1 << 19  // of the footer: about six per column of a row group
	maxHeader  = 16 << 20 // bytes of a page header
	magic      = "PAR1"
	tailBytes  = 4 + len(magic) // the length of the footer, and the magic
)

// Open reads the footer of a file of the given size.
func Open(r io.ReaderAt, size int64) (f *parquet.File, err error) {
	err = Guard(func() error {
		if err := checkFooter(r, size); err != nil {
			return badinput.Errorf("is not a complete Parquet file (%w)", err)
		}
		f, err = parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(int(min(1<<16, size))))
		if err != nil {
			return badinput.Errorf("is not a complete Parquet file (%w)", err)
		}
		return nil
	})
	return f, err
}

// Guard converts a panic, with which the library reacts to some malicious files, to an error.
func Guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = badinput.Errorf("is not a valid Parquet file (%v)", p)
		}
	}()
	return f()
}

// checkFooter checks the length of the footer, and of every list in it, against the file size.
func checkFooter(r io.ReaderAt, size int64) error {
	if size < int64(len(magic)+tailBytes) {
		return fmt.Errorf("%d bytes are too few", size)
	}
	var tail [tailBytes]byte
	if _, err := r.ReadAt(tail[:], size-int64(tailBytes)); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if end := string(tail[4:]); end != magic {
		return fmt.Errorf("it ends with %q instead of %q", end, magic)
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	switch room := size - int64(len(magic)+tailBytes); {
	case length > room:
		return fmt.Errorf("its footer claims %d bytes, and the file has room for %d", length, room)
	case length > maxFooter:
		return fmt.Errorf("its footer has %d MiB, and at most %d are read", length>>20, maxFooter>>20)
	}
	footer := make([]byte, length)
	if _, err := r.ReadAt(footer, size-int64(tailBytes)-length); err != nil {
		return err
	}
	s := scan{in: new(thrift.CompactProtocol).NewReaderFromBytes(footer), size: len(footer), structs: maxStructs}
	return s.value(thrift.STRUCT, 0)
}

// A scan walks over values of Thrift's compact protocol without storing them.
type scan struct {
	in      thrift.BytesReader
	size    int // bytes
	structs int // remaining allowance
}

var errDeep = errors.New("its footer is too deep")

// value skips a value outside of a list.
func (s *scan) value(t thrift.Type, depth int) (err error) {
	if depth > 64 {
		return errDeep
	}
	switch t {
	case thrift.TRUE, thrift.FALSE: // the type is the value
	case thrift.I8:
		_, err = s.in.ReadInt8()
	case thrift.I16:
		_, err = s.in.ReadInt16()
	case thrift.I32:
		_, err = s.in.ReadInt32()
	case thrift.I64:
		_, err = s.in.ReadInt64()
	case thrift.DOUBLE:
		_, err = s.in.ReadFloat64()
	case thrift.BINARY:
		_, err = s.in.ReadBytes()
	case thrift.LIST, thrift.SET:
		err = s.list(depth)
	case thrift.STRUCT:
		err = s.fields(depth)
	default: // a footer has no maps
		err = fmt.Errorf("its footer holds a value of the type %v", t)
	}
	return err
}

func (s *scan) list(depth int) error {
	l, err := s.in.ReadList()
	if err != nil {
		return err
	}
	if left := s.size - s.in.BytesRead(); l.Size < 0 || int(l.Size) > left {
		return fmt.Errorf("a list in its footer claims %d elements in %d bytes", l.Size, left)
	}
	for range l.Size {
		if l.Type == thrift.TRUE || l.Type == thrift.FALSE { // a byte each, as elements
			_, err = s.in.ReadBool()
		} else {
			err = s.value(l.Type, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) fields(depth int) error {
	if s.structs--; s.structs < 0 {
		return fmt.Errorf("its footer has more than %d entries; write larger row groups", maxStructs)
	}
	for {
		f, err := s.in.ReadField()
		if err != nil || f.Type == thrift.STOP {
			return err
		}
		if err := s.value(f.Type, depth+1); err != nil {
			return err
		}
	}
}

// Pages calls visit with the header of each page of a column and its raw bytes, in a file of the
// given size.
func Pages(r io.ReaderAt, size int64, m *format.ColumnMetaData, visit func(h *format.PageHeader, page *io.SectionReader) error) error {
	start := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	if start < 0 || m.TotalCompressedSize < 0 || start > size-m.TotalCompressedSize {
		return errors.New("a column lies outside of the file")
	}
	column := io.NewSectionReader(r, start, m.TotalCompressedSize)
	for at := int64(0); at < column.Size(); {
		var h format.PageHeader
		n, err := readHeader(io.NewSectionReader(column, at, column.Size()-at), &h)
		if err != nil {
			return err
		}
		at += n
		if h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 || at+int64(h.CompressedPageSize) > column.Size() {
			return errors.New("a page reaches beyond its column")
		}
		if err := visit(&h, io.NewSectionReader(column, at, int64(h.CompressedPageSize))); err != nil {
			return err
		}
		at += int64(h.CompressedPageSize)
	}
	return nil
}

// readHeader reads the page header at the start of the rest of a column, and returns its length. It
// takes no more memory than the header has bytes.
func readHeader(rest *io.SectionReader, h *format.PageHeader) (int64, error) {
	for room := int64(256); ; room *= 16 {
		b := make([]byte, min(room, rest.Size()))
		if _, err := rest.ReadAt(b, 0); err != nil {
			return 0, err
		}
		in := new(thrift.CompactProtocol).NewReaderFromBytes(b)
		*h = format.PageHeader{}
		err := thrift.NewDecoder(in).Decode(h)
		if err == nil {
			return int64(in.BytesRead()), nil
		}
		if room >= min(rest.Size(), maxHeader) {
			return 0, err
		}
	}
}
