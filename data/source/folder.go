package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("folder", "PNG, JPEG, GIF and WebP pictures in a folder, with one sub-folder a class or none",
		func() data.Source { return &Folder{TestShare: 0.1} })
}

// maxFile is the size of the largest picture file that is read, in bytes.
const maxFile = 256 << 20

var pictureTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}

// Folder reads the pictures below a folder in the order of their paths. The
// sub-folder that a picture lies in, however deep, is its class. Hidden files,
// files that are no pictures, and symbolic links are passed over.
type Folder struct {
	Path      string  `help:"the folder"`
	TestShare float64 `help:"share of the pictures, 0 to 0.9, that is kept from training to measure against; the path of a picture decides"`
}

// Check refuses a share outside its range.
func (s *Folder) Check() error {
	if !(s.TestShare >= 0 && s.TestShare <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", s.TestShare))
	}
	return nil
}

// SetName is the name of the folder.
func (s *Folder) SetName() string { return filepath.Base(s.Path) }

// ClassNames returns the sorted names of the sub-folders with pictures.
func (s *Folder) ClassNames() []string {
	var names []string
	root, files, err := s.list()
	if err != nil {
		return nil // Items tells of it
	}
	root.Close()
	for _, f := range files {
		if c := classOf(f); c != "" {
			names = append(names, c)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// classOf is the first folder of a path, empty for a file outside any.
func classOf(file string) string {
	class, _, found := strings.Cut(file, "/")
	if !found {
		return ""
	}
	return class
}

// list opens the folder and returns the paths of its pictures, sorted.
func (s *Folder) list() (*os.Root, []string, error) {
	if s.Path == "" {
		return nil, nil, errors.New("folder: path is not set; it names the folder with the pictures")
	}
	root, err := os.OpenRoot(s.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("folder: %w; path must name a folder with pictures", err)
	}
	var files []string
	err = fs.WalkDir(root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && pictureTypes[extension(file)] != "":
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		root.Close()
		return nil, nil, fmt.Errorf("folder %s: %w", s.Path, err)
	}
	if len(files) == 0 {
		root.Close()
		return nil, nil, fmt.Errorf("folder %s has no pictures; Atelier reads .png .jpg .gif .webp", s.Path)
	}
	slices.Sort(files)
	return root, files, nil
}

func extension(file string) string { return strings.ToLower(path.Ext(file)) }

// Items yields the files as they are.
func (s *Folder) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("folder %w", err))
	}
	return func(yield func(data.Item, error) bool) {
		root, files, err := s.list()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		defer root.Close()
		for _, file := range files {
			if splitOf(file, s.TestShare) != split {
				continue
			}
			it, err := s.item(ctx, root, file)
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// item reads a picture.
func (s *Folder) item(ctx context.Context, root *os.Root, file string) (data.Item, error) {
	if err := ctx.Err(); err != nil {
		return data.Item{}, err
	}
	place := filepath.Join(s.Path, filepath.FromSlash(file))
	b, err := readAtMost(root, file, maxFile)
	if err != nil {
		return data.Item{}, fmt.Errorf("%s: %w", place, err)
	}
	return data.Item{
		Name: place, MediaType: pictureTypes[extension(file)], Bytes: b,
		Label: classOf(file), Origin: data.Origin{Place: place},
	}, nil
}

// readAtMost reads a file that must not be larger than limit bytes.
func readAtMost(root *os.Root, file string, limit int64) ([]byte, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("is larger than %d MiB, the most that is read of one picture", limit>>20)
	}
	return b, err
}
