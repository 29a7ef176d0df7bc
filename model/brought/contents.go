package brought

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A piece is a file of a model.
type piece struct {
	name string // slash-separated, relative to the folder of the model
	path string
}

// copyFile copies a file into a folder under its name. A file that may be shared is hard-linked
// instead, if the file system supports it.
func copyFile(ctx context.Context, f piece, dir string, share bool) (c Content, err error) {
	from, err := durable.Open(f.path)
	if err != nil {
		return c, err
	}
	defer from.Close()
	path := filepath.Join(dir, filepath.FromSlash(f.name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return c, err
	}
	if share && os.Link(f.path, path) == nil {
		sum := sha256.New()
		n, err := io.Copy(sum, &stoppable{ctx, from})
		return Content{f.name, n, hex.EncodeToString(sum.Sum(nil))}, err
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return c, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), &stoppable{ctx, from})
	return Content{f.name, n, hex.EncodeToString(sum.Sum(nil))}, errors.Join(err, to.Close())
}

// A stoppable reader stops when its context does.
type stoppable struct {
	ctx context.Context
	io.Reader
}

// Read implements [io.Reader].
func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(b)
}

// Glance returns an error if a file is missing or its size differs from the card.
func (c *Card) Glance() error {
	for _, f := range c.Contents {
		info, err := os.Stat(filepath.Join(c.Folder, filepath.FromSlash(f.Path)))
		if err != nil {
			return badinput.Errorf("the weights %s are damaged: %s is missing; remove them, and add them again", c.Name, f.Path)
		}
		if info.Size() != f.Size {
			return badinput.Errorf("the weights %s are damaged: %s has %d bytes instead of %d; remove them, and add them again", c.Name, f.Path, info.Size(), f.Size)
		}
	}
	return nil
}

// Verify reads every file and reports the first damaged one.
func (c *Card) Verify() error {
	if err := c.Glance(); err != nil {
		return err
	}
	for _, f := range c.Contents {
		sum, err := durable.SHA256(filepath.Join(c.Folder, filepath.FromSlash(f.Path)))
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return badinput.Errorf("the weights %s are damaged: the SHA-256 of %s is %s, and not %s as on the card; remove them, and add them again", c.Name, f.Path, sum, f.SHA256)
		}
	}
	return nil
}

// Hash is the SHA-256 of the weights file, or, if there are several files, of the list of all files
// with their hashes.
func (c *Card) Hash() string { return hashOf(c.Contents) }

// HashOf is the hash that the card of a file, or of all files in a folder, would have.
func HashOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", badinput.Mark(err)
	}
	if !info.IsDir() {
		return durable.SHA256(path)
	}
	var contents []Content
	err = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error { // in the order of their names
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		c, err := contentOf(piece{name: name, path: filepath.Join(path, filepath.FromSlash(name))})
		contents = append(contents, c)
		return err
	})
	return hashOf(contents), badinput.Mark(err)
}

func hashOf(contents []Content) string {
	if len(contents) == 1 {
		return contents[0].SHA256
	}
	sum := sha256.New()
	for _, f := range contents {
		fmt.Fprintf(sum, "%s  %s\n", f.SHA256, f.Path)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Hash is taken from the card of a stored model; otherwise it is computed from the files.
func (o *Opened) Hash() (string, error) {
	if o.hash != "" {
		return o.hash, nil
	}
	var contents []Content
	for _, f := range o.files {
		c, err := contentOf(f)
		if err != nil {
			return "", err
		}
		contents = append(contents, c)
	}
	o.hash = hashOf(contents)
	return o.hash, nil
}

// contentOf returns the size and the hash of a file.
func contentOf(f piece) (c Content, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return c, err
	}
	sum, err := durable.SHA256(f.path)
	return Content{f.name, info.Size(), sum}, err
}

// Paths are the files of the model.
func (o *Opened) Paths() (paths []string) {
	for _, f := range o.files {
		paths = append(paths, f.path)
	}
	return paths
}
