package source

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/parquetfile"
)

// Limits of a Parquet file.
const (
	maxRowGroup       = 2 << 30 // bytes of a row group, decompressed
	maxParquetColumns = 10_000
)

// A parquetFile is an open Parquet file.
type parquetFile struct {
	file    *parquet.File
	in      io.ReaderAt
	size    int64
	columns []parquetColumn
	unread  []unreadColumn
	classes map[string][]string // class names by label column
}

// openParquet reads the footer of a file. Whatever the file holds, openParquet and walk return an
// error rather than panic.
func openParquet(in io.ReaderAt, size int64) (p *parquetFile, err error) {
	file, err := parquetfile.Open(in, size)
	if err != nil {
		return nil, err
	}
	err = parquetfile.Guard(func() error {
		p = &parquetFile{file: file, in: in, size: size, classes: classLabels(file)}
		p.columns, p.unread = columnsOf(file.Schema())
		return nil
	})
	return p, err
}

// openParquetFile is openParquet for a file on disk.
func openParquetFile(f *os.File) (*parquetFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return openParquet(f, info.Size())
}

// checkPage rejects a page that decompresses to more than a file may hold.
func checkPage(h *format.PageHeader, _ *io.SectionReader) error {
	if h.UncompressedPageSize > maxFile+maxSlack {
		return fmt.Errorf("a page unpacks to %d MiB, and at most %d are read", h.UncompressedPageSize>>20, maxFile>>20)
	}
	return nil
}

// classLabels reads the class names that Hugging Face stores in a file.
func classLabels(f *parquet.File) map[string][]string {
	classes := map[string][]string{}
	text, ok := f.Lookup("huggingface")
	if !ok {
		return classes
	}
	var kept struct {
		Info struct{ Features map[string]json.RawMessage }
	}
	if json.Unmarshal([]byte(text), &kept) != nil {
		return classes
	}
	for name, raw := range kept.Info.Features {
		var feature struct {
			Type  string `json:"_type"`
			Names []string
		}
		if json.Unmarshal(raw, &feature) == nil && feature.Type == "ClassLabel" {
			classes[name] = feature.Names
		}
	}
	return classes
}

// classNames are the class names of a column, as used for labels.
func (p *parquetFile) classNames(column string) (names []string) {
	for _, n := range p.classes[column] {
		names = append(names, className(cellValue(n)))
	}
	return names
}

// names lists the columns that can be read.
func (p *parquetFile) names() (names []string) {
	for _, c := range p.columns {
		names = append(names, c.name)
	}
	return named(names)
}

// embedded is an embedded file, whose bytes or path may be missing.
func (c parquetColumn) embedded(b parquet.Value, path []parquet.Value) any {
	var f embedded
	if !b.IsNull() {
		f.bytes = append([]byte{}, b.ByteArray()...)
	}
	if len(path) == 1 && !path[0].IsNull() {
		f.path = string(path[0].ByteArray())
	}
	if f.bytes == nil && f.path == "" {
		return nil
	}
	return f
}

// plain converts a single value; the number of a class becomes its name.
func (c parquetColumn) plain(v parquet.Value, classes []string) any {
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if v.IsNull() {
			return nil
		}
		if b := v.ByteArray(); c.uuid && len(b) == 16 {
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		}
		if c.text {
			return string(v.ByteArray())
		}
		return append([]byte{}, v.ByteArray()...)
	case parquet.Int32, parquet.Int64:
		n := v.Int64()
		if v.Kind() == parquet.Int32 {
			n = int64(v.Int32())
		}
		if c.moment != 0 && !v.IsNull() {
			return c.when(n)
		}
		if n >= 0 && n < int64(len(classes)) {
			return classes[n]
		}
		if classes != nil { // -1 marks a row without a label
			return nil
		}
		return n
	case parquet.Float:
		return v.Float()
	case parquet.Double:
		return v.Double()
	case parquet.Boolean:
		return v.Boolean()
	}
	return nil
}
