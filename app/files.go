package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"atelier/data"
	"atelier/internal/badinput"
)

// Files are several input files, in order. On a command line, a folder or an archive stands for
// the works in it that the input accepts.
type Files []File

// How many files an input takes, and how many bytes they have together.
const (
	mostFiles      = 1024
	mostFilesBytes = 1 << 30
)

// filesKind is the kind of [Files].
func filesKind() kind {
	return several(kindOf("files", "files separated by commas", func(text string) (Files, error) {
		names, err := parseNames(text)
		all := make(Files, len(names))
		for i, n := range names {
			all[i].Name = n
		}
		return all, err
	}, func(all Files) string {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.Name
		}
		return nameWords(names)
	}, nil, arrayOf(map[string]any{"type": "string", "contentEncoding": "base64"})), "a.png,b.png")
}

// Files are the files of an input that takes several; ok is false for another input.
func (in Input) Files() (all Files, ok bool) {
	all, ok = in.Value.Interface().(Files)
	return all, ok
}

// Append adds a file, whatever its name, to an input that takes several.
func (in Input) Append(name string) {
	in.Value.Set(reflect.Append(slicesClone(in.Value), reflect.ValueOf(File{Name: name})))
}

// takesFiles reports whether an input is a file or several.
func (in Input) takesFiles() bool {
	_, several := in.Files()
	return several || in.File() != nil
}

// keyOf is the name in labels of a file, counted from 0, of an input that takes several.
func (in Input) keyOf(i int) string { return in.Name + "." + strconv.Itoa(i+1) }

// read reads the files of an input, and the works of what is a folder or an archive.
func (in Input) read(given Files, stdin io.Reader, skipped func(name string, why error)) (Files, error) {
	var all Files
	size := 0
	add := func(f File) error {
		all, size = append(all, f), size+len(f.Bytes)
		if len(all) > mostFiles || size > mostFilesBytes {
			return badinput.Errorf("%s: too many files; want at most %d, of %d MiB together", in.Name, mostFiles, mostFilesBytes>>20)
		}
		return nil
	}
	for _, f := range given {
		if f.Bytes != nil || f.Name == Stdin || !IsMany(f.Name) {
			var err error
			if f.Bytes == nil {
				f, err = ReadFile(f.Name, stdin)
			}
			if err != nil {
				return nil, err
			}
			if err := add(f); err != nil {
				return nil, err
			}
			continue
		}
		before, bad := len(all), false
		for work, err := range Works(context.Background(), in, f.Name) {
			if drop := (*data.Drop)(nil); err != nil && !errors.As(err, &drop) {
				return nil, badinput.Mark(fmt.Errorf("%s: %w", f.Name, err))
			}
			if err == nil {
				err = work.whole(in.Tag.Get("accept"))
			}
			if err != nil {
				bad = true
				skipped(work.Name, err)
				continue
			}
			if err := add(work); err != nil {
				return nil, err
			}
		}
		if bad && len(all) == before {
			return nil, badinput.Errorf("%s: no file in it can be read", f.Name)
		}
	}
	return all, nil
}

// restoreFiles puts the files of a label into an input that takes several.
func (in Input) restoreFiles(files map[string]File) {
	var all Files
	for f, ok := files[in.keyOf(0)]; ok; f, ok = files[in.keyOf(len(all))] {
		all = append(all, f)
	}
	if all != nil {
		in.Value.Set(reflect.ValueOf(all))
	}
}
