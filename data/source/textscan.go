package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/durable"
	"atelier/internal/stopped"
)

const (
	// wholeText is the size up to which a file is held in memory to detect its encoding, in bytes.
	// A larger file must be in UTF-8.
	wholeText = 32 << 20
	textChunk = 1 << 20
)

// A textFile describes a file that is part of a text.
type textFile struct {
	path     string
	encoding string
	size     int64 // bytes of its text, 0 if it is blank
	runes    int64
	ended    bool // whether its last line ends with a line end
	joined   bool // whether a line end is added after it
}

// scanText scans a file, whose SHA-256 must match hash if one is given.
func scanText(ctx context.Context, path, hash string) (textFile, error) {
	f, blank := textFile{path: path, encoding: charset.UTF8}, true
	if err := checkHash(ctx, path, hash); err != nil {
		return f, err
	}
	for chunk, err := range f.chunks(ctx, &f.encoding) {
		if err != nil {
			return f, err
		}
		if len(chunk) == 0 {
			continue
		}
		f.size, f.runes, f.ended = f.size+int64(len(chunk)), f.runes+int64(utf8.RuneCount(chunk)), chunk[len(chunk)-1] == '\n'
		blank = blank && charset.IsBlank(chunk)
		if err := tooLong(f.size); err != nil {
			return f, err
		}
	}
	if blank {
		f.size = 0
	}
	return f, nil
}

// chunks yields the text of the file in chunks of whole characters, and records its encoding. A
// chunk is valid until the next one.
func (f textFile) chunks(ctx context.Context, encoding *string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		file, r, err := openTextFile(ctx, f.path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		whole, err := io.ReadAll(io.LimitReader(r, wholeText+1))
		switch {
		case err != nil:
			yield(nil, err)
		case len(whole) > wholeText:
			eachChunk(io.MultiReader(bytes.NewReader(whole), r), yield)
		default:
			var text []byte
			var found string
			if stopped.Left(ctx, func() { text, found, err = readable(whole) }) {
				yield(nil, ctx.Err())
				return
			}
			*encoding = found
			yield(text, err)
		}
	}
}

// eachChunk yields a long text, which must be in UTF-8.
func eachChunk(r io.Reader, yield func([]byte, error) bool) {
	var (
		buffer   = make([]byte, textChunk)
		kept     = 0 // bytes of a split character, at the beginning of the buffer
		line     = 1
		returned = false
		first    = true
	)
	for {
		n, err := io.ReadFull(r, buffer[kept:])
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			yield(nil, err)
			return
		}
		b := buffer[:kept+n]
		if !ended {
			b = b[:wholeCharacters(b)]
		}
		if at := firstForeign(b); at < len(b) {
			yield(nil, badinput.Errorf("line %d: has the byte 0x%02x, which is not UTF-8; a text of more than %d MiB must be: convert it first, as with iconv -f ENCODING -t UTF-8", line+bytes.Count(b[:at], []byte("\n")), b[at], wholeText>>20))
			return
		}
		line += bytes.Count(b, []byte("\n"))
		rest := append([]byte(nil), buffer[len(b):kept+n]...)
		text := b
		if first {
			text, first = bytes.TrimPrefix(text, []byte("\ufeff")), false
		}
		if !yield(endLines(text, &returned), nil) || ended {
			return
		}
		kept = copy(buffer, rest)
	}
}

// wholeCharacters is the number of bytes before a character that is cut at the end.
func wholeCharacters(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if at := len(b) - n; utf8.RuneStart(b[at]) {
			if !utf8.FullRune(b[at:]) {
				return at
			}
			break
		}
	}
	return len(b)
}

// firstForeign is the offset of the first byte that is invalid in a text in UTF-8.
func firstForeign(b []byte) int {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return len(b)
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// endLines converts line ends to \n, in place. returned holds whether the previous chunk ended with
// \r, and then whether this one does.
func endLines(b []byte, returned *bool) []byte {
	if !*returned && bytes.IndexByte(b, '\r') < 0 {
		return b
	}
	out := b[:0]
	for _, c := range b {
		if c == '\n' && *returned {
			*returned = false
			continue
		}
		if *returned = c == '\r'; *returned {
			c = '\n'
		}
		out = append(out, c)
	}
	return out
}

// checkHash rejects a file whose SHA-256 differs from hash, if one is given.
func checkHash(ctx context.Context, path, hash string) error {
	if hash == "" {
		return nil
	}
	f, err := durable.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader{ctx, f}); err != nil {
		return err
	}
	if found := hex.EncodeToString(sum.Sum(nil)); found != hash {
		return fmt.Errorf("is not the file that the run file asks for: its SHA-256 is %s, and not %s; to use it anyway, name it with data.path", found, hash)
	}
	return nil
}

// openTextFile opens a file within the size limit; r reads it decompressed.
func openTextFile(ctx context.Context, path string) (f *os.File, r io.Reader, err error) {
	if f, err = durable.Open(path); err != nil {
		return nil, nil, err
	}
	r = contextReader{ctx, f}
	info, err := f.Stat()
	if err == nil {
		err = tooLong(info.Size())
	}
	if err == nil && strings.HasSuffix(strings.ToLower(path), ".gz") {
		if r, err = newGunzip(r); err != nil {
			err = fmt.Errorf("not a gzip file (%w)", err)
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, r, nil
}

// A contextReader stops when its context does.
type contextReader struct {
	ctx context.Context
	io.Reader
}

// Read implements [io.Reader].
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p[:min(len(p), textChunk)])
}
