package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An Item is searched for by its first headBytes, or all bytes if it is shorter; Items of fewer
// than leastBytes are not, since they may occur anywhere by chance.
const (
	headBytes  = 64
	leastBytes = 16
)

// headFactor is the base of the rolling hash, an odd number without a pattern.
const headFactor = 0x9e3779b97f4a7c15

// headOf is the rolling hash of the first bytes.
func headOf(bytes []byte) (h uint64) {
	for _, b := range bytes[:min(headBytes, len(bytes))] {
		h = h*headFactor + uint64(b) + 1
	}
	return h
}

// Search looks for the Items with these SHA-256 in every file below the store's folder, or every
// object of its bucket: among the rows of shards, as whole files, and, for erased Items, inside
// other files. It returns the number of files searched; findings are errors of type [*FoundError].
func (s *Store) Search(ctx context.Context, sha [][32]byte) (files int, err error) {
	q, err := s.query(ctx, sha)
	if err != nil {
		return 0, err
	}
	if s.remote != nil {
		if err = s.tidy(ctx); err == nil {
			err = s.remote.search(ctx, q)
		}
	}
	if err == nil {
		err = q.below(ctx, s.home)
	}
	return q.files, errors.Join(append(q.found, err)...)
}

// below searches every file below a folder, except those deleted meanwhile.
func (q *query) below(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && d.Type().IsRegular() {
			err = q.file(path, path)
		}
		if errors.Is(err, fs.ErrNotExist) && path != dir {
			return nil
		}
		return err
	})
}

// file searches a file, with the name for messages.
func (q *query) file(path, name string) error {
	q.files++
	search := q.raw
	if strings.HasSuffix(name, ".parquet") {
		search = q.shard
	}
	err := search(path)
	var hit *FoundError
	if errors.As(err, &hit) {
		hit.locate(name)
		q.found = append(q.found, hit)
		return nil
	}
	return err
}

// A FoundError names the file that contains the bytes of an Item, and the version that it belongs
// to, if any.
type FoundError struct {
	Path, Sum string
	// Name and Version are those of the version, "" and 0 if there is none.
	Name    string
	Version int
}

func (e *FoundError) Error() string {
	return fmt.Sprintf("%s still holds the bytes of the Item %s", e.Path, e.Sum)
}

// locate finds the version that the file belongs to.
func (e *FoundError) locate(name string) {
	e.Path = name
	path := filepath.ToSlash(name)
	if at := strings.LastIndex(path, "/"+datasetsKey); at >= 0 {
		if of, n, _ := place(path[at+1:]); n > 0 {
			e.Name, e.Version = of, n
		}
	}
}

// A query is the Items to search for.
type query struct {
	sums  map[[32]byte]bool
	heads map[int]map[uint64][]wanted // by the length of the head, and its hash
	files int                         // number of files searched
	found []error                     // one per file with a finding
}

type wanted struct {
	size int64
	sum  [32]byte
}

// query takes the heads of Items from the tombstones of all versions. Versions that cannot be read
// are added to the findings.
func (s *Store) query(ctx context.Context, sha [][32]byte) (*query, error) {
	q := &query{sums: map[[32]byte]bool{}, heads: map[int]map[uint64][]wanted{}}
	for _, sum := range sha {
		q.sums[sum] = true
	}
	there, damaged, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range there {
		ref := Entry{Name: l.name, Version: l.version}.Ref()
		v, err := s.Version(ctx, ref)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			damaged = append(damaged, Damaged{ref, err})
		default:
			q.add(v.manifest.Tombstones)
		}
	}
	for _, d := range damaged {
		q.found = append(q.found, fmt.Errorf("what was erased from %s cannot be told: %w", d.Ref, d.Err))
	}
	return q, nil
}

func (q *query) add(tombs []Tombstone) {
	for _, t := range tombs {
		var sum [32]byte
		hex.Decode(sum[:], []byte(t.SHA256))
		if n := int(min(headBytes, t.Bytes)); q.sums[sum] && n >= leastBytes {
			if q.heads[n] == nil {
				q.heads[n] = map[uint64][]wanted{}
			}
			q.heads[n][t.Head] = append(q.heads[n][t.Head], wanted{t.Bytes, sum})
		}
	}
}

// shard searches the rows of a Parquet file.
func (q *query) shard(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r, err := newReader(f, info.Size())
	for err == nil {
		row, e := r.next()
		if err = e; err != nil {
			break
		}
		for _, name := range contentColumns {
			v := r.decoder.value(row, name)
			if v.IsNull() {
				continue
			}
			if sum := sha256.Sum256(v.ByteArray()); q.sums[sum] {
				err = &FoundError{Path: path, Sum: hex.EncodeToString(sum[:])}
			}
		}
	}
	r.close()
	var hit *FoundError
	if errors.Is(err, io.EOF) {
		return nil
	}
	if !errors.As(err, &hit) {
		err = fmt.Errorf("%s cannot be searched: %w", path, err)
	}
	return err
}

// raw searches the bytes of a file.
func (q *query) raw(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	if sum := [32]byte(hash.Sum(nil)); q.sums[sum] {
		return &FoundError{Path: path, Sum: hex.EncodeToString(sum[:])}
	}
	for n, heads := range q.heads {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := roll(f, path, n, heads); err != nil {
			return err
		}
	}
	return nil
}

// roll moves a window of n bytes over a file.
func roll(f *os.File, path string, n int, heads map[uint64][]wanted) error {
	power := uint64(1) // factor of the byte that leaves the window
	for range n {
		power *= headFactor
	}
	var h uint64
	window := make([]byte, n)
	r := bufio.NewReaderSize(f, 1<<18)
	for at := 0; ; at++ {
		b, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		h = h*headFactor + uint64(b) + 1
		if at >= n {
			h -= power * (uint64(window[at%n]) + 1)
		}
		window[at%n] = b
		if at < n-1 {
			continue
		}
		for _, w := range heads[h] {
			hash := sha256.New()
			if _, err := io.Copy(hash, io.NewSectionReader(f, int64(at-n+1), w.size)); err != nil {
				return err
			}
			if [32]byte(hash.Sum(nil)) == w.sum {
				return &FoundError{Path: path, Sum: hex.EncodeToString(w.sum[:])}
			}
		}
	}
}
