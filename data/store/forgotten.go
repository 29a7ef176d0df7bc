package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"atelier/internal/bucket"
	"atelier/internal/durable"
)

// forgottenName is a file of a dataset with the hashes of Items that must not return. It lies
// beside the versions, any of which may be removed.
const (
	forgottenName   = "forgotten.json"
	forgottenLimit  = 64 << 20 // bytes
	forgottenFormat = 1
)

type forgotten struct {
	Format int      `json:"format"`
	SHA256 []string `json:"sha256"`
}

// Forgotten returns the SHA-256 of the Items that must not return to a dataset, sorted. It is empty
// for a new dataset.
func (s *Store) Forgotten(ctx context.Context, name string) ([][32]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	sums, _, err := s.readForgotten(ctx, name)
	return sums, err
}

// Forget keeps Items with these SHA-256 out of later versions of a dataset. Existing versions stay
// as they are.
func (s *Store) Forget(ctx context.Context, name string, sums [][32]byte) error {
	return s.changeForgotten(ctx, name, func(known [][32]byte) [][32]byte { return append(known, sums...) })
}

// Readmit undoes Forget.
func (s *Store) Readmit(ctx context.Context, name string, sums [][32]byte) error {
	return s.changeForgotten(ctx, name, func(known [][32]byte) [][32]byte {
		return slices.DeleteFunc(known, func(sum [32]byte) bool { return slices.Contains(sums, sum) })
	})
}

func (s *Store) changeForgotten(ctx context.Context, name string, change func([][32]byte) [][32]byte) error {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if s.remote != nil {
		if err := s.remote.checkServer(ctx); err != nil {
			return err
		}
	}
	for range mostRaces {
		sums, etag, err := s.readForgotten(ctx, name)
		if err != nil {
			return err
		}
		err = s.writeForgotten(ctx, name, change(sums), etag)
		if !errors.Is(err, bucket.ErrTaken) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fmt.Errorf("%s: other processes keep changing the forgotten Items of %s; repeat the command", s.Place(), name)
}

// readForgotten reads the file; the ETag is that in a bucket, "" if there is no file.
func (s *Store) readForgotten(ctx context.Context, name string) (sums [][32]byte, etag string, err error) {
	var text []byte
	at := filepath.Join(s.folder(name), forgottenName)
	if s.remote != nil {
		at = s.remote.folder.Address(under(name) + forgottenName)
		text, etag, err = s.remote.folder.Read(ctx, under(name)+forgottenName, forgottenLimit)
	} else {
		text, err = os.ReadFile(at)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err == nil {
		sums, err = parseForgotten(text)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: the list of forgotten Items cannot be read: %w", at, err)
	}
	return sums, etag, nil
}

func (s *Store) writeForgotten(ctx context.Context, name string, sums [][32]byte, etag string) error {
	text, err := encodeForgotten(sums)
	if err != nil {
		return err
	}
	if s.remote == nil {
		at := filepath.Join(s.folder(name), forgottenName)
		return durable.Explain(at, durable.WriteFile(at, text))
	}
	when := bucket.Absent
	if etag != "" {
		when = bucket.Unchanged(etag)
	}
	return s.remote.folder.PutBytes(ctx, under(name)+forgottenName, text, when)
}

func parseForgotten(text []byte) ([][32]byte, error) {
	var f forgotten
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Format != forgottenFormat {
		return nil, fmt.Errorf("it has format %d; this version of atelier reads %d: use a newer one", f.Format, forgottenFormat)
	}
	sums := make([][32]byte, len(f.SHA256))
	for i, h := range f.SHA256 {
		if !hexForm().MatchString(h) {
			return nil, fmt.Errorf("%q is not a SHA-256 in hex", h)
		}
		hex.Decode(sums[i][:], []byte(h))
	}
	return sums, nil
}

func encodeForgotten(sums [][32]byte) ([]byte, error) {
	slices.SortFunc(sums, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	f := forgotten{Format: forgottenFormat, SHA256: []string{}}
	for _, sum := range slices.Compact(sums) {
		f.SHA256 = append(f.SHA256, hex.EncodeToString(sum[:]))
	}
	text, err := json.MarshalIndent(f, "", "  ")
	return append(text, '\n'), err
}
