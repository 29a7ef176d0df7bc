package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"atelier/data"
)

// dictionaryBytes is the size of a column's dictionary above which its pages are written as plain
// values.
const dictionaryBytes = 1 << 20

// formatKey is the key of the version's format in the metadata of a shard.
const formatKey = "atelier.format"

// A shard is a Parquet file being written.
type shard struct {
	split   data.Split
	content content
	path    string // relative to the version's folder, with slashes
	file    *os.File
	buffer  *bufio.Writer
	hash    hash.Hash
	size    int64
	rows    int64
	bytes   int64 // of content
	parquet *parquet.GenericWriter[any]
	encodes int  // row groups being encoded
	full    bool // complete
}

func newShard(dir string, split data.Split, n int, c content) (*shard, error) {
	s := &shard{split: split, content: c, path: fmt.Sprintf("data/%s-%05d.parquet", split, n), hash: sha256.New()}
	if split == dropped {
		s.path = "dropped.parquet"
	}
	full := filepath.Join(dir, filepath.FromSlash(s.path))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return nil, err
	}
	var err error
	if s.file, err = os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return nil, err
	}
	s.buffer = bufio.NewWriterSize(s.file, 1<<18)
	cols := columns(c, split == dropped)
	// Minimum and maximum of long values would be written in full with each page.
	long := [][]string{{"image", "bytes"}, {"image", "path"}, {"file", "bytes"}, {"file", "path"}, {"text"}, {"caption"}, {"changes"}, {"detail"}}
	s.parquet = parquet.NewGenericWriter[any](s, schemaOf(cols), &parquet.WriterConfig{
		CreatedBy: "atelier", Compression: &zstd.Codec{Level: zstd.SpeedFastest}, DataPageVersion: 1,
		DictionaryMaxBytes: dictionaryBytes, KeyValueMetadata: map[string]string{"huggingface": features(cols), formatKey: strconv.Itoa(Format)},
		SkipPageBounds: long, SkipPageStatistics: long,
	})
	return s, nil
}

// Write is what Parquet writes through.
func (s *shard) Write(b []byte) (int, error) {
	s.hash.Write(b)
	s.size += int64(len(b))
	return s.buffer.Write(b)
}

// begin adds the row group to the shard.
func (s *shard) begin(g *rowGroup) {
	g.shard, g.out = s, s.parquet.BeginRowGroup()
	s.encodes++
	s.bytes += g.bytes
	s.rows += int64(g.len())
}

// commit writes an encoded row group.
func (s *shard) commit(g *rowGroup) error {
	if _, err := g.out.Commit(); err != nil {
		return err
	}
	g.out = nil
	s.encodes--
	return s.close()
}

// fill marks the last row group.
func (s *shard) fill() error {
	s.full = true
	return s.close()
}

// close closes the file once it is complete.
func (s *shard) close() error {
	if !s.full || s.encodes > 0 {
		return nil
	}
	err := s.parquet.Close()
	if err == nil {
		err = s.buffer.Flush()
	}
	s.parquet, s.buffer = nil, nil
	return errors.Join(err, s.file.Close())
}

func (s *shard) record() Shard {
	return Shard{Path: s.path, Split: s.split, Rows: s.rows, Bytes: s.size, SHA256: hex.EncodeToString(s.hash.Sum(nil))}
}

// batchRows is the number of rows passed to Parquet at a time.
const batchRows = 64

// A rowGroup is a group of rows that are encoded together.
type rowGroup struct {
	split   data.Split
	rows    []Row
	drops   []DropRow
	tombs   []tomb
	content content
	bytes   int64

	shard   *shard
	out     *parquet.ConcurrentRowGroupWriter
	digests [][32]byte
	err     error
	done    chan struct{}
}

// A tomb is a tombstone before a row of its group.
type tomb struct {
	before int
	Tombstone
}

func (g *rowGroup) len() int { return len(g.rows) + len(g.drops) }

// encode compresses the rows into pages, and computes their digests.
func (g *rowGroup) encode() error {
	if g.len() == 0 {
		return nil
	}
	e := encoder{content: g.shard.content}
	g.digests = make([][32]byte, g.len())
	var batch [batchRows]parquet.Row
	n := 0
	for i := range g.digests {
		var err error
		if g.split == dropped {
			batch[n], g.digests[i], err = e.drop(batch[n][:0], &g.drops[i])
		} else {
			batch[n], g.digests[i], err = e.row(batch[n][:0], &g.rows[i])
		}
		if err != nil {
			return err
		}
		if n++; n == batchRows || i == g.len()-1 {
			if _, err := g.out.WriteRows(batch[:n]); err != nil {
				return err
			}
			n = 0
		}
	}
	g.rows, g.drops = nil, nil
	return g.out.Flush()
}
