package source

import (
	"bufio"
	"bytes"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"atelier/internal/badinput"
	"atelier/internal/charset"
)

// openText decompresses a table and skips its byte order mark. UTF-16 and UTF-32, as saved by
// spreadsheets, are decoded; if noted is not nil, other encodings are too, and noted is called with
// their name.
func openText(name string, r io.Reader, limit int64, noted func(encoding string)) (*lineReader, error) {
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		unzip, err := newGunzip(r)
		if err != nil {
			return nil, badinput.Errorf("not a gzip file (%w)", err)
		}
		if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
			info, err := f.Stat()
			if err != nil {
				return nil, err
			}
			r = newRowMeter(info.Size()).of(unzip)
		} else {
			r = unzip // the reader of an archive is metered
		}
	}
	b := bufio.NewReader(r)
	start, _ := b.Peek(4)
	text, encoding := inUTF8(b, start)
	switch {
	case noted == nil:
	case encoding != charset.UTF8:
		noted(encoding)
	default:
		text = charset.NewReader(text, noted)
	}
	return newLineReader(text, limit), nil
}

// inUTF8 decodes a text by its first bytes, and names its encoding.
func inUTF8(r *bufio.Reader, start []byte) (text io.Reader, encoding string) {
	known := func(mark string) bool { return bytes.HasPrefix(start, []byte(mark)) }
	zero := func(at int) bool { return at < len(start) && start[at] == 0 }
	switch {
	case known("\xff\xfe\x00\x00"):
		return transform.NewReader(r, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder()), "utf-32le"
	case known("\x00\x00\xfe\xff"):
		return transform.NewReader(r, utf32.UTF32(utf32.BigEndian, utf32.UseBOM).NewDecoder()), "utf-32be"
	case known("\xff\xfe"):
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()), "utf-16le"
	case known("\xfe\xff"):
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder()), "utf-16be"
	case zero(1) && zero(3) && !zero(0): // without a byte order mark: a header begins with ASCII
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16le"
	case zero(0) && zero(2) && !zero(1):
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16be"
	case known("\ufeff"):
		_, _ = r.Discard(len("\ufeff"))
	}
	return r, charset.UTF8
}
