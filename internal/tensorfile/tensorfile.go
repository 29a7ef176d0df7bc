// Package tensorfile reads the weights of networks that other programs wrote: folders of raw
// float32 with a manifest, and state dicts of PyTorch. What it reads is not trusted: nothing in it
// is run, and nothing is made larger than the files are.
package tensorfile

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A Tensor is an array of numbers, row-major.
type Tensor struct {
	Shape  []int
	Values []float32
}

// A Set holds tensors by name.
type Set map[string]Tensor

// Size limits, in bytes.
const (
	mostFile     = 1 << 30
	mostManifest = 1 << 20
	mostRank     = 8
)

// Manifest is the file that names the others of a folder: {"name": {"filename": ..., "shape": [...]}}.
const Manifest = "manifest.json"

// Open reads a folder that has a [Manifest], or a state dict of PyTorch. The files that were read are
// named too, with slashes, below the folder.
func Open(path string) (set Set, files []string, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, badinput.Mark(durable.Explain(path, err))
	case info.IsDir():
		if set, files, err = openFolder(path); err != nil {
			return nil, nil, err
		}
	default:
		b, err := durable.ReadFile(path, mostFile)
		if err != nil {
			return nil, nil, badinput.Mark(err)
		}
		if set, err = ReadTorch(b); err != nil {
			return nil, nil, badinput.Errorf("%s: %w", path, err)
		}
		files = []string{filepath.Base(path)}
	}
	return set, files, set.finite(path)
}

// IsTorch reports whether a file may be a state dict, by its name.
func IsTorch(name string) bool {
	return slices.Contains([]string{".pth", ".pt"}, strings.ToLower(filepath.Ext(name)))
}

// finite refuses numbers that are none.
func (s Set) finite(path string) error {
	for name, t := range s {
		for _, v := range t.Values {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return badinput.Errorf("%s: %s holds numbers that are not finite", path, name)
			}
		}
	}
	return nil
}

func openFolder(folder string) (Set, []string, error) {
	text, err := durable.ReadFile(filepath.Join(folder, Manifest), mostManifest)
	if err != nil {
		return nil, nil, badinput.Mark(err)
	}
	files := []string{Manifest}
	set, err := ReadManifest(text, func(name string, size int) ([]byte, error) {
		if !slices.Contains(files, name) {
			files = append(files, name)
		}
		return durable.ReadFile(filepath.Join(folder, name), int64(size))
	})
	if err != nil {
		return nil, nil, badinput.Errorf("%s: %w", folder, err)
	}
	slices.Sort(files[1:])
	return set, files, nil
}

// ReadManifest reads the tensors that a manifest names; read gives the bytes of a file of a size.
func ReadManifest(text []byte, read func(name string, size int) ([]byte, error)) (Set, error) {
	var entries map[string]struct {
		File  string `json:"filename"`
		Shape []int  `json:"shape"`
	}
	if err := json.Unmarshal(text, &entries); err != nil {
		return nil, badinput.Errorf("%s: %w", Manifest, badinput.JSON(err))
	}
	set, left := Set{}, mostFile/4
	for name, e := range entries {
		n, err := Elements(e.Shape, left)
		if err != nil {
			return nil, badinput.Errorf("%s: %s: %w", Manifest, name, err)
		}
		left -= n
		if !filepath.IsLocal(e.File) || filepath.Base(e.File) != e.File {
			return nil, badinput.Errorf("%s: %s: want the name of a file beside it, got %q", Manifest, name, e.File)
		}
		b, err := read(e.File, 4*n)
		if err != nil {
			return nil, err
		}
		if len(b) != 4*n {
			return nil, badinput.Errorf("%s has %d bytes; its shape %v wants %d", e.File, len(b), e.Shape, 4*n)
		}
		set[name] = Tensor{e.Shape, float32s(b)}
	}
	if len(set) == 0 {
		return nil, badinput.Errorf("%s names no tensors", Manifest)
	}
	return set, nil
}

// Elements is the number of elements of a shape. It is an error if they are more than so many, or if
// there are more than eight axes.
func Elements(shape []int, most int) (int, error) {
	if len(shape) > mostRank {
		return 0, badinput.Errorf("a shape of %d axes; want at most %d", len(shape), mostRank)
	}
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > most/d {
			return 0, badinput.Errorf("the shape %v is larger than what is there", shape)
		}
		n *= d
	}
	if n > most {
		return 0, badinput.Errorf("the shape %v is larger than what is there", shape)
	}
	return n, nil
}

// float32s reads numbers in little-endian order.
func float32s(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
