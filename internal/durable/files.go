package durable

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
)

// Files are the files of a folder being written. Their hashes are computed from the data given and
// not from what the disk returns: differences are found by [Verify].
type Files struct {
	dir    string
	listed map[string]entry
}

// Write writes a file into the folder.
func (f *Files) Write(name string, write func(io.Writer) error) error {
	path, hash := filepath.Join(f.dir, name), sha256.New()
	var size counter
	err := writeSynced(path, func(w io.Writer) error { return write(io.MultiWriter(w, hash, &size)) })
	f.listed[name] = entry{int64(size), hex.EncodeToString(hash.Sum(nil))}
	return Explain(path, err)
}

// WriteFile is [Files.Write] of bytes.
func (f *Files) WriteFile(name string, data []byte) error {
	return f.Write(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteAside writes a file that the manifest does not list: it does not count in the folder's hash,
// and damage to it is not detected.
func (f *Files) WriteAside(name string, data []byte) error {
	path := filepath.Join(f.dir, name)
	return Explain(path, writeSynced(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}))
}

// seal writes the manifest.
func (f *Files) seal() error {
	if len(f.listed) == 0 {
		return errors.New("nothing was written")
	}
	data, err := json.MarshalIndent(manifest{manifestFormat, f.listed}, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(f.WriteAside(ManifestName, append(data, '\n')), SyncDir(f.dir))
}

// A counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
