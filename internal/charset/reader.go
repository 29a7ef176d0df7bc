package charset

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// What a reader sees of a text before it settles on an encoding.
const (
	seenAhead  = 256 << 10 // bytes from the first that is not ASCII on
	seenBefore = 8 << 10
)

// A Reader reads a text whose encoding is found out at the first byte that is not ASCII, and
// gives it in UTF-8. Where no encoding fits surely, the bytes stay as they are.
type Reader struct {
	from    *bufio.Reader
	noted   func(encoding string)
	before  []byte    // the end of what was read
	settled io.Reader // nil while all is ASCII
}

// NewReader returns a reader that tells the name of the encoding once it reads another than
// UTF-8.
func NewReader(r io.Reader, noted func(encoding string)) *Reader {
	return &Reader{from: bufio.NewReaderSize(r, seenAhead), noted: noted}
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

// settle finds out what the rest is in.
func (r *Reader) settle() {
	b, err := r.from.Peek(seenAhead)
	if i := bytes.LastIndexByte(b, '\n'); err == nil && i > 0 { // a character may be cut
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

// find is the encoding of a text that is not in UTF-8, nil if none is certain.
func find(b []byte) (encoding.Encoding, string) {
	if _, broken := mended(b); broken {
		return nil, Broken
	}
	e, _, name := detect(b)
	return e, name
}
