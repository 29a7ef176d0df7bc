package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/retrieve"
)

// Limits of a folder of documents.
const (
	mostDocuments     = 10_000
	mostDocumentBytes = 256 << 20 // of all files
)

// passages are the passages of a document, or of all documents in a folder.
func (e *Env) passages(ctx context.Context, place string) ([]retrieve.Passage, error) {
	if isAddress(place) {
		f, err := e.page(ctx, place)
		if err != nil {
			return nil, err
		}
		return e.passagesOf(ctx, f)
	}
	info, err := os.Stat(place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, badinput.Errorf("documents: there is no file or folder %s", place)
	case err != nil:
		return nil, badinput.Errorf("documents: %w", err)
	case !info.IsDir():
		b, err := durable.ReadFile(place, mostFile)
		if err != nil {
			return nil, badinput.Mark(err)
		}
		return e.passagesOf(ctx, File{Name: place, Bytes: b})
	}
	root, err := os.OpenRoot(place)
	if err != nil {
		return nil, badinput.Errorf("documents: %w", err)
	}
	defer root.Close()
	r := &documentReader{ctx: ctx, env: e, root: root.FS()}
	if err := fs.WalkDir(r.root, ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return r.visit(name, d, err)
	}); err != nil {
		return nil, err
	}
	if r.read == 0 {
		why := ""
		if r.skipped > 0 {
			why = ": " + r.example
		}
		return nil, badinput.Errorf("%s holds no document that is read: text, Markdown, HTML, Word (.docx), EPUB or PDF%s", place, why)
	}
	if r.skipped > 0 {
		e.notice(fmt.Sprintf("%s: documents read: %d; other files: %d, such as %s", place, r.read, r.skipped, r.example))
	}
	return r.passages, nil
}

// A documentReader reads the documents of a folder.
type documentReader struct {
	ctx           context.Context
	env           *Env
	root          fs.FS
	passages      []retrieve.Passage
	read, skipped int
	bytes         int64
	example       string // the first skipped file, with the reason
}

// visit reads a file unless it is hidden.
func (r *documentReader) visit(name string, d fs.DirEntry, err error) error {
	switch {
	case err == nil && name != "." && strings.HasPrefix(d.Name(), "."):
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	case err == nil && d.IsDir():
		return nil
	case err == nil && r.read >= mostDocuments:
		return badinput.Errorf("documents: the folder holds more than %d documents: name a smaller one", mostDocuments)
	case err == nil:
		err = r.take(name, d)
	}
	if err != nil {
		if r.skipped++; r.example == "" {
			r.example = err.Error()
		}
		if r.bytes > mostDocumentBytes {
			return err
		}
	}
	return nil
}

// take reads a file.
func (r *documentReader) take(name string, d fs.DirEntry) error {
	info, err := d.Info()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s, which is not a regular file", name)
	case info.Size() > mostFile:
		return fmt.Errorf("%s, which has more than %d MiB", name, mostFile>>20)
	}
	if r.bytes += info.Size(); r.bytes > mostDocumentBytes {
		return badinput.Errorf("documents: the folder holds more than %d MiB: name a smaller one", mostDocumentBytes>>20)
	}
	if r.env.Working != nil {
		r.env.Working("reading documents:", r.read+1, 0)
	}
	b, err := fs.ReadFile(r.root, name)
	if err != nil {
		return err
	}
	all, err := r.env.passagesOf(r.ctx, File{Name: name, Bytes: b})
	if err != nil {
		return err
	}
	r.read++
	r.passages = append(r.passages, all...)
	return nil
}

// passagesOf are the passages of a document.
func (e *Env) passagesOf(ctx context.Context, f File) ([]retrieve.Passage, error) {
	d, err := e.document(ctx, f)
	if err != nil {
		return nil, err
	}
	source := f.Name
	if !isAddress(source) {
		source = filepath.ToSlash(source)
	}
	return retrieve.Passages(source, d.Text), nil
}
