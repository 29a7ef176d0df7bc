package source

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"atelier/internal/badinput"
	"atelier/internal/charset"
)

// openText unpacks a table and passes over its byte order mark. What is in UTF-16 or
// UTF-32, as spreadsheets save it, is read as UTF-8; if noted is not nil, so are other
// encodings, whose name it is told.
func openText(name string, r io.Reader, limit int64, noted func(encoding string)) (*lineReader, error) {
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		unzip, err := newGunzip(r)
		if err != nil {
			return nil, badinput.Errorf("not a gzip file (%w)", err)
		}
		r = unzip
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
	case zero(1) && zero(3) && !zero(0): // without a mark: the header begins in ASCII
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16le"
	case zero(0) && zero(2) && !zero(1):
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16be"
	case known("\ufeff"):
		_, _ = r.Discard(len("\ufeff"))
	}
	return r, charset.UTF8
}
