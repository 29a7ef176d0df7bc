package brought

import (
	"bytes"
	_ "embed" // the list
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// A Known model is one whose download address is known.
type Known struct {
	Name    string `toml:"-"`
	Title   string `toml:"title"`
	Licence string `toml:"licence"`
	// Size is the approximate size of all files, such as "548 MB".
	Size string `toml:"size"`
	// Home is the address of the repository with the files.
	Home  string   `toml:"home"`
	Files []string `toml:"files"`
	// SHA256 are the known hashes of files.
	SHA256 map[string]string `toml:"sha256"`
}

//go:embed known.toml
var knownText []byte

var known = sync.OnceValue(func() []Known {
	all, err := parseKnown(knownText)
	if err != nil {
		panic(err) // the list is embedded
	}
	return all
})

// parseKnown parses the list and rejects invalid entries.
func parseKnown(text []byte) (all []Known, err error) {
	byName := map[string]Known{}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&byName); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		k := byName[name]
		k.Name = name
		if err := CheckName(name); err != nil {
			return nil, err
		}
		if k.Title == "" || k.Size == "" || k.Licence == "" || !strings.HasPrefix(k.Home, "https://") || len(k.Files) == 0 {
			return nil, fmt.Errorf("%s: want title, size, licence, home and files", name)
		}
		for _, f := range k.Files {
			if !filepath.IsLocal(f) || path.Base(f) != f {
				return nil, errors.New(name + ": want names of files without folders")
			}
		}
		all = append(all, k)
	}
	return all, nil
}

// AllKnown returns the known models, sorted by name.
func AllKnown() []Known { return slices.Clone(known()) }

// FindKnown returns the model with a name, or an error that names the nearest.
func FindKnown(name string) (Known, error) {
	var names []string
	for _, k := range known() {
		if k.Name == strings.ToLower(name) {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Known{}, badinput.Errorf("no file, and no well-known weights %q; %s", name, registry.Suggest(name, names))
}

// address is the download address of a file.
func (k *Known) address(file string) string { return k.Home + "/resolve/main/" + file }
