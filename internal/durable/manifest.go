package durable

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// ManifestName is the file of a folder that lists the others.
const ManifestName = "manifest.json"

const (
	manifestFormat = 1
	manifestLimit  = 16 << 20 // bytes
)

// A manifest lists the files of a folder by their slash-separated paths.
type manifest struct {
	Format int              `json:"format"`
	Files  map[string]entry `json:"files"`
}

type entry struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Verify checks the folder dir against its manifest and returns the hash of the manifest, which
// identifies the contents of the folder. The error names the first damaged file.
func Verify(dir string) (hash string, err error) { return verify(dir, math.MaxInt64) }

// Glance is a cheaper Verify: of files larger than a limit only the size is checked.
func Glance(dir string, most int64) error {
	_, err := verify(dir, most)
	return err
}

func verify(dir string, most int64) (hash string, err error) {
	m, hash, err := readManifest(dir)
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if err := check(filepath.Join(dir, filepath.FromSlash(name)), m.Files[name], most); err != nil {
			return "", err
		}
	}
	return hash, nil
}

// Read is Verify for a folder of small files, whose contents it returns by slash-separated path.
// limit is their total size in bytes.
func Read(dir string, limit int64) (files map[string][]byte, hash string, err error) {
	m, hash, err := readManifest(dir)
	if err != nil {
		return nil, "", err
	}
	files = map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		path, want := filepath.Join(dir, filepath.FromSlash(name)), m.Files[name]
		if want.Size < 0 || want.Size > limit {
			return nil, "", fmt.Errorf("%s is damaged: its files have more than %d bytes", dir, limit)
		}
		limit -= want.Size
		if err := check(path, want, math.MaxInt64); err != nil {
			return nil, "", err
		}
		if files[name], err = ReadFile(path, want.Size); err != nil {
			return nil, "", err
		}
	}
	return files, hash, nil
}

// readManifest reads the manifest of the folder dir, and returns its hash.
func readManifest(dir string) (m manifest, hash string, err error) {
	path := filepath.Join(dir, ManifestName)
	data, err := ReadFile(path, manifestLimit)
	if err != nil {
		return m, "", err
	}
	if m, err = parseManifest(data); err != nil {
		return m, "", fmt.Errorf("%s %w", path, err)
	}
	sum := sha256.Sum256(data)
	return m, hex.EncodeToString(sum[:]), nil
}

// parseManifest parses a manifest. The error completes a sentence that begins with its name.
func parseManifest(data []byte) (m manifest, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("is damaged: %w", err)
	}
	if m.Format > manifestFormat {
		return m, fmt.Errorf("has format %d, written by a newer version of the program; this one reads up to %d", m.Format, manifestFormat)
	}
	if m.Format < 1 || len(m.Files) == 0 {
		return m, errors.New("is damaged: it lists no files")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return m, fmt.Errorf("is damaged: %q lies outside of the folder", name)
		}
	}
	return m, nil
}

// check reports how the file at path differs from the manifest. A file larger than the limit is not
// read.
func check(path string, want entry, most int64) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing", path)
	}
	if err != nil {
		return err
	}
	if info.Size() != want.Size {
		return fmt.Errorf("%s is damaged: it has %d bytes instead of %d", path, info.Size(), want.Size)
	}
	if want.Size > most {
		return nil
	}
	got, err := describe(path)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s is damaged: its SHA-256 is not that of the manifest", path)
	}
	return nil
}

// SHA256 returns the hash, in hex, of the file at path.
func SHA256(path string) (string, error) {
	e, err := describe(path)
	return e.SHA256, err
}

// describe returns the size and the hash of the file at path.
func describe(path string) (entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return entry{}, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	return entry{n, hex.EncodeToString(hash.Sum(nil))}, err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows flushes only files open for writing
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
