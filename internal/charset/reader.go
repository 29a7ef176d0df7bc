package charset

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// What a reader reads before it decides on an encoding.
const (
	seenAhead  = 256 << 10 // bytes from the first non-ASCII one on
	seenBefore = 8 << 10
)

// A Reader converts a text to UTF-8, detecting its encoding at the first non-ASCII byte. If no
// encoding is certain, the bytes are passed through.
type Reader struct {
	from    *bufio.Reader
	noted   func(encoding string)
	before  []byte    // the end of the bytes read so far
	settled io.Reader // nil while all is ASCII
}

// NewReader returns a reader that calls its function with the name of the encoding once it is found
// not to be UTF-8.
func NewReader(r io.Reader, noted func(encoding string)) *Reader {
	return &Reader{from: bufio.NewReaderSize(r, seenBefore), noted: noted}
}

// Read implements [io.Reader].
func (r *Reader) Read(p []byte) (int, error) {
	if r.settled == nil {
		if _, err := r.from.Peek(1); err != nil || len(p) == 0 {
			return 0, err
		}
		b, _ := r.from.Peek(min(r.from.Buffered(), len(p)))
		n := bytes.IndexFunc(b, func(c rune) bool { return c >= utf8.RuneSelf })
		if n < 0 {
			n = len(b)
		}
		if n > 0 {
			n = copy(p, b[:n])
			if r.before = append(r.before, p[:n]...); len(r.before) > 2*seenBefore {
				r.before = append(r.before[:0], r.before[len(r.before)-seenBefore:]...)
			}
			_, _ = r.from.Discard(n)
			return n, nil
		}
		r.settle()
	}
	return r.settled.Read(p)
}

// settle detects the encoding of the rest.
func (r *Reader) settle() {
	if _, err := r.from.Peek(seenBefore); err == nil { // there is more of it
		r.from = bufio.NewReaderSize(r.from, seenAhead)
	}
	b, err := r.from.Peek(r.from.Size())
	if i := bytes.LastIndexByte(b, '\n'); err == nil && i > 0 { // a character may be split
		b = b[:i+1]
	}
	before := r.before
	r.settled, r.before = r.from, nil
	if utf8.Valid(b) {
		return
	}
	if e, name := find(append(before, b...)); e != nil {
		r.settled = transform.NewReader(r.from, e.NewDecoder())
		r.noted(name)
	}
}

// find returns the encoding of a text that is not UTF-8, nil if none is certain.
func find(b []byte) (encoding.Encoding, string) {
	if _, broken := mended(b); broken {
		return nil, Broken
	}
	e, _, name := detect(b)
	return e, name
}
