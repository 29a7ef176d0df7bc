package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/data/source"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

// worksOf are all works in a folder or an archive. Kind and label are as in [source.Folder].
func worksOf(place, kind, label string) (data.Source, error) {
	found, err := data.Sources.New("folder")
	if err != nil {
		return nil, err
	}
	f, ok := found.(*source.Folder)
	if !ok {
		return nil, fmt.Errorf("a folder is read by a %T", found)
	}
	f.Path, f.Kind, f.Label, f.TestShare = place, kind, label, 0
	return f, registry.Check(f)
}

// datasetOf is the stored dataset that a set names, and the hash of its version; nil if there is none.
func datasetOf(ctx context.Context, in Set) (set data.Source, hash string) {
	stored, err := registry.Make[data.Source]("stored", "name="+strconv.Quote(string(in)))
	if err != nil {
		return nil, ""
	}
	if hash, err = stored.Value.(data.Versioned).VersionHash(ctx); err != nil {
		return nil, ""
	}
	return stored.Value, hash
}

// setOf are the works of a kind of a set: of a dataset by name, or else of a folder or an archive.
// Stored reports which.
func setOf(ctx context.Context, in Set, kind string) (src data.Source, stored bool, err error) {
	if set, _ := datasetOf(ctx, in); set != nil {
		return set, true, nil
	}
	src, err = worksOf(string(in), kind, "")
	return src, false, err
}

// OneFile is the only [File] among the arguments of an app, or among its inputs if no argument is
// one; nil if there are several. Such an app can be run for every work of a folder, see [Works].
func OneFile(a App) *Input {
	var arguments, flags []Input
	for _, in := range Inputs(a) {
		switch {
		case in.File() == nil:
		case in.Argument() != "":
			arguments = append(arguments, in)
		default:
			flags = append(flags, in)
		}
	}
	switch {
	case len(arguments) == 1:
		return &arguments[0]
	case len(arguments) == 0 && len(flags) == 1:
		return &flags[0]
	}
	return nil
}

// IsMany reports whether a place is a folder of works, or an archive.
func IsMany(place string) bool {
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		return true
	}
	a, ok := archives()
	return ok && a.Recognize(place) > data.Unfit
}

// archives is the source for archives, if the program has it.
func archives() (data.Recognizing, bool) {
	s, err := data.Sources.New("archive")
	if err != nil {
		return nil, false
	}
	r, ok := s.(data.Recognizing)
	return r, ok
}

// kindsOfWorks are the kinds of [source.Folder] by accepted media type.
var kindsOfWorks = map[string]string{"image": "pictures", "text": "texts", "audio": "music"}

// Works yields the works of a folder or an archive that an input accepts, sorted by name. An
// unreadable file is a [*data.Drop] with its name.
func Works(ctx context.Context, in Input, place string) iter.Seq2[File, error] {
	accepted := in.Tag.Get("accept")
	if info, err := os.Stat(place); accepted == "" && err == nil && info.IsDir() {
		return everyFile(ctx, place)
	}
	kind := "all"
	if accepted == musicTypes {
		kind = "scores"
	} else if main, _, _ := strings.Cut(accepted, "/"); kindsOfWorks[main] != "" {
		kind = kindsOfWorks[main]
	}
	return func(yield func(File, error) bool) {
		src, err := worksOf(place, kind, "none")
		if err != nil {
			yield(File{}, err)
			return
		}
		for _, split := range []data.Split{data.Train, data.Test} {
			for it, err := range src.Items(ctx, split) {
				if !yield(File{Name: it.Name, Bytes: it.Bytes}, err) {
					return
				}
			}
		}
	}
}

// plain is why a file could not be read, without its path.
func plain(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// everyFile yields every file below a folder except hidden ones, sorted by path, for an input that
// accepts anything. Links are not followed, so that nothing outside the folder is read.
func everyFile(ctx context.Context, folder string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			hidden := strings.HasPrefix(e.Name(), ".") && path != folder
			switch {
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case hidden && e.IsDir():
				return fs.SkipDir
			case hidden || e.IsDir():
				return nil
			}
			if of, is := strings.CutSuffix(path, LabelEnd); is {
				if _, err := os.Stat(of); err == nil {
					return nil // the label of another file
				}
			}
			name, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			var b []byte
			if drop := source.Irregular(e.Type()); drop != nil {
				err = drop
			} else if b, err = durable.ReadFile(path, mostFile); err != nil {
				err = data.Dropf("unreadable", "%v", plain(err))
			}
			if !yield(File{Name: filepath.ToSlash(name), Bytes: b, Label: labelBeside(path)}, err) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(File{}, err)
		}
	}
}
