package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"atelier/data"
	"atelier/internal/parquetfile"
)

// Rows yields the rows of a part in order. Each shard is checked against its hash before its rows
// are yielded; an error ends the sequence.
func (v *Version) Rows(ctx context.Context, split data.Split) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		read(ctx, v, split, func(d *decoder, row parquet.Row) (Row, error) { return d.row(row, split) }, yield)
	}
}

// all yields the rows of both parts.
func (v *Version) all(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, split := range []data.Split{data.Train, data.Test} {
			for r, err := range v.Rows(ctx, split) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Drops yields the dropped Items, in order.
func (v *Version) Drops(ctx context.Context) iter.Seq2[DropRow, error] {
	return func(yield func(DropRow, error) bool) {
		read(ctx, v, dropped, (*decoder).drop, yield)
	}
}

// read yields the rows of all shards of a part.
func read[T any](ctx context.Context, v *Version, split data.Split, decode func(*decoder, parquet.Row) (T, error), yield func(T, error) bool) {
	var none T
	for _, s := range v.manifest.shards(split) {
		f, err := v.open(ctx, s)
		if err != nil {
			yield(none, err)
			return
		}
		r, err := newReader(f, s.Bytes)
		if err == nil && r.format >= sealedFormat && v.manifest.Format < sealedFormat {
			err = fmt.Errorf("it is of format %d, and the manifest says format %d: that was changed by hand", r.format, v.manifest.Format)
		}
		for err == nil {
			var row parquet.Row
			if row, err = r.next(); err != nil {
				break
			}
			var x T
			if x, err = decode(r.decoder, row); err == nil {
				err = ctx.Err()
			}
			if err == nil && !yield(x, nil) {
				r.close()
				f.Close()
				return
			}
		}
		r.close()
		f.Close()
		if errors.Is(err, io.EOF) && r.read == s.Rows {
			continue
		}
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("it has %d rows instead of %d", r.read, s.Rows)
		}
		if ctx.Err() == nil {
			err = fmt.Errorf("%s/%s is damaged: %w", v.Place(), s.Path, err)
		}
		yield(none, err)
		return
	}
}

// openShard opens a shard and checks its size and hash.
func openShard(path string, want Shard) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing; the manifest lists it: get the version again from where it came from", path)
	}
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	switch {
	case err != nil:
	case n != want.Bytes:
		err = fmt.Errorf("%s is damaged: it has %d bytes instead of %d", path, n, want.Bytes)
	case hex.EncodeToString(hash.Sum(nil)) != want.SHA256:
		err = fmt.Errorf("%s is damaged: its SHA-256 is not that of the manifest", path)
	default:
		return f, nil
	}
	f.Close()
	return nil, err
}

// A reader reads the Parquet rows of a shard one by one.
type reader struct {
	decoder *decoder
	format  int                // that it declares, 0 if none
	groups  []parquet.RowGroup // still to be read
	rows    parquet.Rows
	batch   [batchRows]parquet.Row
	have    []parquet.Row // of the batch, not yet returned
	read    int64
}

// newReader opens a shard of that many bytes. Whatever the file holds, it and next return an error
// rather than panic.
func newReader(r io.ReaderAt, size int64) (*reader, error) {
	out := new(reader)
	return out, parquetfile.Guard(func() error {
		f, err := parquetfile.Open(r, size)
		if err != nil {
			return err
		}
		if err := checkPages(r, size, f); err != nil {
			return err
		}
		if format, ok := f.Lookup(formatKey); ok {
			out.format, _ = strconv.Atoi(format)
		}
		out.groups = f.RowGroups()
		out.decoder, err = newDecoder(f.Schema())
		return err
	})
}

// next returns a row that is valid until the following call, and io.EOF after the last.
func (r *reader) next() (parquet.Row, error) {
	for len(r.have) == 0 {
		if err := parquetfile.Guard(r.fill); err != nil {
			return nil, err
		}
	}
	row := r.have[0]
	r.have = r.have[1:]
	r.read++
	return row, nil
}

func (r *reader) fill() error {
	if r.rows == nil {
		if len(r.groups) == 0 {
			return io.EOF
		}
		r.rows, r.groups = r.groups[0].Rows(), r.groups[1:]
	}
	n, err := r.rows.ReadRows(r.batch[:])
	r.have = r.batch[:n]
	if n == 0 && err == nil {
		err = io.ErrNoProgress
	}
	if errors.Is(err, io.EOF) {
		err = r.rows.Close()
		r.rows = nil
	}
	return err
}

func (r *reader) close() {
	if r.rows != nil {
		parquetfile.Guard(r.rows.Close)
	}
}
