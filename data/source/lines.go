package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the length of the longest accepted line of a table, in bytes.
const maxLine = 16 << 20

var errLongLine = errors.New("a line is too long")

// A lineReader reads a text line by line, within a limit for each line and one for the whole.
type lineReader struct {
	*bufio.Reader
	from budget
}

// A budget is a reader that fails once a line or the whole exceeds its limit.
type budget struct {
	r         io.Reader
	row, left int64 // bytes left for the line, and for the whole
}

var errLongTable = errors.New("is longer than what is read of a table")

func (b *budget) Read(p []byte) (int, error) {
	switch {
	case b.left <= 0:
		return 0, errLongTable
	case b.row <= 0:
		return 0, errLongLine
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.row, b.left)])
	b.row, b.left = b.row-int64(n), b.left-int64(n)
	return n, err
}

func newLineReader(r io.Reader, limit int64) *lineReader {
	l := &lineReader{from: budget{r: r, row: maxLine, left: limit}}
	l.Reader = bufio.NewReaderSize(&l.from, 64<<10)
	return l
}

// line returns the next line including its end, \n, \r\n or \r; [errLongLine] for a line that was
// skipped; and [io.EOF] with or after the last.
func (l *lineReader) line() ([]byte, error) {
	l.from.row = maxLine
	var line []byte
	for {
		piece, ended, err := l.piece()
		switch {
		case errors.Is(err, errLongLine), len(line)+len(piece) > maxLine:
			return nil, l.skipLine(ended)
		case err != nil:
			return line, err
		}
		if line = append(line, piece...); ended {
			return line, nil
		}
	}
}

// piece returns the buffered start of a line. It is valid until the next read.
func (l *lineReader) piece() (piece []byte, ended bool, err error) {
	if _, err := l.Peek(1); err != nil {
		return nil, false, err
	}
	piece, _ = l.Peek(l.Buffered())
	if i := bytes.IndexByte(piece, '\n'); i >= 0 {
		piece, ended = piece[:i+1], true
	}
	switch i := bytes.IndexByte(piece, '\r'); {
	case i >= 0 && i+1 < len(piece): // the byte after it is known
		end := i + 1
		if piece[end] == '\n' {
			end++
		}
		piece, ended = piece[:end], true
	case i > 0:
		piece = piece[:i]
	case i == 0:
		if piece, _ = l.Peek(2); len(piece) == 2 && piece[1] != '\n' {
			piece = piece[:1]
		}
		ended = true
	}
	_, _ = l.Discard(len(piece))
	return piece, ended, nil
}

// skipLine skips the rest of a line that is too long.
func (l *lineReader) skipLine(ended bool) error {
	for !ended {
		l.from.row = maxLine
		var err error
		_, ended, err = l.piece()
		switch {
		case err == io.EOF:
			return errLongLine
		case err != nil && !errors.Is(err, errLongLine):
			return err
		}
	}
	return errLongLine
}
