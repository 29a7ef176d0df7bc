package store

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/parquetfile"
)

// pageBytes is the largest unpacked size of a page: one large Item, or the columns of many small
// ones.
const pageBytes = itemBytes + 1<<20

var errForeignPages = errors.New("its pages are none that this program writes")

// checkPages checks the headers of all pages before any is unpacked, so that false sizes cannot
// take more memory than this program's own files.
func checkPages(r io.ReaderAt, size int64, f *parquet.File) error {
	for _, g := range f.Metadata().RowGroups {
		if g.NumRows < 0 || g.NumRows > groupRows {
			return fmt.Errorf("a row group claims %d rows, more than %d", g.NumRows, groupRows)
		}
		for _, c := range g.Columns {
			m := &c.MetaData
			if m.Codec != format.Zstd && m.Codec != format.Uncompressed {
				return errForeignPages
			}
			err := parquetfile.Pages(r, size, m, func(h *format.PageHeader, page *io.SectionReader) error {
				err := checkHeader(h)
				if err == nil && m.Codec == format.Zstd {
					err = checkFrame(page, h.UncompressedPageSize)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func checkHeader(h *format.PageHeader) error {
	var values int32
	switch {
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		values = h.DataPageHeader.V.NumValues
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		values = h.DictionaryPageHeader.V.NumValues
	default:
		return errForeignPages
	}
	if values < 0 || values > groupRows || h.UncompressedPageSize > pageBytes {
		return fmt.Errorf("a page claims %d values and %d bytes", values, h.UncompressedPageSize)
	}
	return nil
}

// blockBytes is the largest unpacked size of a block of zstd.
const blockBytes = 128 << 10

// checkFrame checks the blocks of a zstd page, which must be one frame of the size that the page
// claims, or of blocks that cannot expand much further (RFC 8878).
func checkFrame(page *io.SectionReader, size int32) error {
	head := make([]byte, min(zstd.HeaderMaxSize, page.Size()))
	if _, err := page.ReadAt(head, 0); err != nil {
		return err
	}
	var h zstd.Header
	if err := h.Decode(head); err != nil {
		return err
	}
	if h.Skippable || h.HasFCS && h.FrameContentSize != uint64(size) {
		return fmt.Errorf("a page of %d bytes is packed as another", size)
	}
	at, most := int64(h.HeaderSize), int64(0)
	for last := false; !last; {
		var b [3]byte
		if _, err := page.ReadAt(b[:], at); err != nil {
			return err
		}
		v := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		last = v&1 != 0
		at += 3
		if repeats := v>>1&3 == 1; repeats {
			at++
		} else {
			at += v >> 3
		}
		if most += blockBytes; !h.HasFCS && most > int64(size)+blockBytes {
			return errForeignPages
		}
	}
	if h.HasCheckSum {
		at += 4
	}
	if at != page.Size() {
		return errForeignPages
	}
	return nil
}
