package library

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// largestRecord limits what is read from a damaged spool.
const largestRecord = 1 << 30

var errDamaged = errors.New("what was collected is damaged on disk; to start over, remove the folder of the job")

// A spool is a file of records: for each, the length of its head, the length of its bytes, and
// both.
type spool struct {
	file *os.File
	out  *bufio.Writer
	size int64
}

// openSpool opens a file of which size bytes are durably written. The rest was cut short by an
// interruption and is truncated.
func openSpool(path string, size int64) (*spool, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%s has %d bytes where %d were written: remove its folder to start over", path, info.Size(), size)
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spool{f, bufio.NewWriterSize(f, 1<<20), size}, nil
}

// append writes parts one after another and returns their offset.
func (s *spool) append(parts ...[]byte) (at int64, err error) {
	at = s.size
	for _, p := range parts {
		n, err := s.out.Write(p)
		s.size += int64(n)
		if err != nil {
			return at, err
		}
	}
	return at, nil
}

// from reads from an offset on.
func (s *spool) from(at int64) io.Reader {
	return io.NewSectionReader(s.file, at, math.MaxInt64-at)
}

// sync flushes the file to disk.
func (s *spool) sync() error { return errors.Join(s.out.Flush(), s.file.Sync()) }

func (s *spool) close() error { return errors.Join(s.out.Flush(), s.file.Close()) }

// encode returns the bytes of a record in a spool: its head, and the Item's bytes.
func (r *record) encode() (head, body []byte) {
	head = r.append(make([]byte, 8, 512))
	binary.LittleEndian.PutUint32(head, uint32(len(head)-8))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(r.Bytes)))
	return head, r.Bytes
}

// readRecord reads the next record, and returns its length.
func readRecord(r io.Reader, into *record) (size int64, err error) {
	size, body, err := readHead(r, into)
	if err != nil {
		return 0, err
	}
	into.Bytes, err = readBytes(r, int(body))
	return size + body, err
}

// readDescription reads a record without the Item's bytes.
func readDescription(r io.Reader, into *record) (size int64, err error) {
	size, body, err := readHead(r, into)
	if err != nil {
		return 0, err
	}
	if b, ok := r.(*bufio.Reader); ok {
		_, err = b.Discard(int(body))
	}
	return size + body, err
}

// readHead reads a record without the Item's bytes, and returns their number.
func readHead(r io.Reader, into *record) (size, body int64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, err
	}
	text := binary.LittleEndian.Uint32(head[:])
	body = int64(binary.LittleEndian.Uint32(head[4:]))
	if text > largestRecord || body > largestRecord {
		return 0, 0, errDamaged
	}
	description, err := readBytes(r, int(text))
	if err != nil {
		return 0, 0, err
	}
	if err := into.parse(description); err != nil {
		return 0, 0, err
	}
	return int64(len(head)) + int64(text), body, nil
}

// trusted is the number of bytes allocated before any of them is read.
const trusted = 1 << 20

// readBytes reads n bytes. A damaged length costs no more memory than the file has bytes.
func readBytes(r io.Reader, n int) ([]byte, error) {
	out := make([]byte, 0, min(n, trusted))
	for len(out) < n {
		out = slices.Grow(out, min(n-len(out), max(len(out), trusted)))
		got, err := io.ReadFull(r, out[len(out):min(n, cap(out))])
		out = out[:len(out)+got]
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
