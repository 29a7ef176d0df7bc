package main

import (
	"os"
	"path/filepath"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// An output is where an app's Items are written: a file, or a folder.
type output struct {
	path    string // empty for the Item's own name
	folder  bool
	written []string
}

// newOutput takes a path with an extension for a file and another for a folder.
func newOutput(path string) (*output, error) {
	o := &output{path: path}
	info, err := os.Stat(path)
	switch {
	case path == "":
	case err == nil:
		o.folder = info.IsDir()
	default:
		o.folder = filepath.Ext(path) == ""
	}
	parent := filepath.Dir(path)
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		return nil, badinput.Errorf("cannot write %s: there is no folder %s", path, parent)
	}
	return o, nil
}

// write writes an Item whole, or not at all.
func (o *output) write(item data.Item) error {
	path := o.path
	switch {
	case o.folder:
		if err := os.MkdirAll(o.path, 0o777); err != nil {
			return err
		}
		path = filepath.Join(o.path, filepath.Base(item.Name))
	case path == "":
		path = filepath.Base(item.Name)
	}
	if !o.folder && len(o.written) > 0 {
		return badinput.Errorf("more than one file was made: name a folder with -o")
	}
	o.written = append(o.written, path)
	return durable.WriteFile(path, item.Bytes)
}
