package source

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
)

func init() {
	data.Sources.Add("idx", "grey pictures and labels in the four IDX files of MNIST (LeCun, Bottou, Bengio, Haffner 1998), gzipped or not",
		func() data.Source { return &IDX{} })
}

// IDX reads a folder that holds the files train-images-idx3-ubyte,
// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte,
// each as it is or with .gz. The labels may be missing, and so may the test part.
type IDX struct {
	Path    string   `help:"folder with the IDX files"`
	Classes []string `help:"names of the classes 0, 1, ...; if empty, classes are called by their numbers"`
}

// SetName is the name of the folder.
func (s *IDX) SetName() string { return filepath.Base(s.Path) }

// ClassNames returns the class names that were set, if any.
func (s *IDX) ClassNames() []string { return s.Classes }

// Recognize accepts folders that hold a file of training pictures.
func (s *IDX) Recognize(place string) data.Fit {
	if found, err := filepath.Glob(filepath.Join(escaped.Replace(place), "train-images?idx3-ubyte*")); err != nil || len(found) == 0 {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// escaped escapes glob characters in the path of a folder.
var escaped = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Divided reports whether there is a test part.
func (s *IDX) Divided() bool {
	return idxSet{fsys: os.DirFS(s.Path)}.find("t10k-images", "idx3") != ""
}

// Items yields the pictures as PGM, in file order.
func (s *IDX) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown)
}

// Rest yields the pictures that are not in the journal.
func (s *IDX) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known)
}

func (s *IDX) items(ctx context.Context, split data.Split, known func(name string) bool) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if s.Path == "" {
			yield(data.Item{}, errors.New("idx: path is not set; it names the folder with train-images-idx3-ubyte.gz and the other three files"))
			return
		}
		root, err := os.OpenRoot(s.Path)
		if err != nil {
			yield(data.Item{}, fmt.Errorf("idx: %w; path must name a folder with train-images-idx3-ubyte.gz and the other three files", plainly(err)))
			return
		}
		defer root.Close()
		set := idxSet{fsys: root.FS(), place: s.Path, classes: s.Classes, known: known}
		for it, err := range set.items(ctx, split) {
			if !yield(it, err) {
				return
			}
		}
	}
}

// An idxSet is a folder of IDX files.
type idxSet struct {
	fsys    fs.FS
	place   string // name of the folder in messages and origins
	classes []string
	origin  data.Origin
	known   func(name string) bool // nil: nothing is known
}

// find returns the actual name of a file of the set, such as train-images, under the usual
// spellings; empty if it is missing.
func (s idxSet) find(name, kind string) string {
	for _, dot := range []string{"-", "."} {
		for _, end := range []string{"", ".gz"} {
			file := name + dot + kind + "-ubyte" + end
			if _, err := fs.Stat(s.fsys, file); err == nil {
				return file
			}
		}
	}
	return ""
}

func (s idxSet) items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if err := s.walk(ctx, split, func(it data.Item) bool { return yield(it, nil) }); err != nil {
			yield(data.Item{}, err)
		}
	}
}

// walk calls yield for each picture of the part until it returns false.
func (s idxSet) walk(ctx context.Context, split data.Split, yield func(data.Item) bool) error {
	prefix := "train"
	if split == data.Test {
		prefix = "t10k"
	}
	file := s.find(prefix+"-images", "idx3")
	if file == "" {
		if split == data.Test {
			return nil
		}
		return fmt.Errorf("idx: %s has no train-images-idx3-ubyte or train-images-idx3-ubyte.gz", s.place)
	}
	pictures, err := s.read(file, 3)
	if err != nil {
		return err
	}
	defer pictures.close()
	labels, err := s.labels(prefix, pictures)
	if err != nil {
		return err
	}
	height, width := pictures.dims[1], pictures.dims[2]
	header := fmt.Appendf(nil, "P5 %d %d 255\n", width, height)
	for i := range pictures.dims[0] {
		if err := ctx.Err(); err != nil {
			return err
		}
		pgm := append(make([]byte, 0, len(header)+height*width), header...)
		if pgm, err = pictures.append(pgm, height*width); err != nil {
			return err
		}
		name := prefix + "/" + strconv.Itoa(i)
		if s.known != nil && s.known(name) {
			continue
		}
		it := data.Item{Name: name, MediaType: "image/x-portable-graymap", Bytes: pgm, Origin: s.origin}
		it.Origin.Place = s.place + "/" + file
		if labels != nil {
			if it.Label, err = s.label(labels[i]); err != nil {
				return fmt.Errorf("%s: %w", it.Name, err)
			}
		}
		if !yield(it) {
			return nil
		}
	}
	return pictures.end()
}

// labels returns the class of each picture, nil if the set has no labels.
func (s idxSet) labels(prefix string, pictures *idxFile) ([]byte, error) {
	file := s.find(prefix+"-labels", "idx1")
	if file == "" {
		return nil, nil
	}
	f, err := s.read(file, 1)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if f.dims[0] != pictures.dims[0] {
		return nil, fmt.Errorf("%s has %d labels, but %s has %d pictures; they must be as many", f.name, f.dims[0], pictures.name, pictures.dims[0])
	}
	labels, err := f.append(nil, f.dims[0])
	if err != nil {
		return nil, err
	}
	return labels, f.end()
}

// label returns the name of a class.
func (s idxSet) label(class byte) (string, error) {
	if len(s.classes) == 0 {
		return strconv.Itoa(int(class)), nil
	}
	if int(class) >= len(s.classes) {
		return "", fmt.Errorf("label %d, but only %d classes are named", class, len(s.classes))
	}
	return s.classes[class], nil
}
