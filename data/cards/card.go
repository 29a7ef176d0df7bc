// Package cards knows public sets by name: where each has its home, what its files
// are and how they are read, under which licence, and whom to credit.
package cards

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"atelier/data"
	"atelier/internal/registry"
)

// A Card describes a set. One file cards/NAME.toml holds each.
type Card struct {
	// Name is the name of the file; Aliases are others by which people know the set.
	Name    string   `toml:"-"`
	Aliases []string `toml:"aliases"`
	// Title and Description say what the set is.
	Title       string `toml:"title"`
	Description string `toml:"description"`
	// Licence is an SPDX identifier, "public domain", or empty where it is not clear;
	// Rights says what else there is to be said of it.
	Licence string `toml:"licence"`
	Rights  string `toml:"rights"`
	// Attribution is the credit that the set asks for.
	Attribution string `toml:"attribution"`
	// Home is the address of the page or the repository where the set is at home.
	Home string `toml:"home"`
	// Editions are the forms in which there is the set, the best first.
	Editions []Edition `toml:"edition"`
}

// An Edition is one form of a set: all of it, or a part.
type Edition struct {
	// About says what this edition is.
	About string `toml:"about"`
	// Items is how many works it has.
	Items int `toml:"items"`
	// Debian is the folder where the package of that name puts the files.
	Debian struct {
		Package string `toml:"package"`
		Folder  string `toml:"folder"`
	} `toml:"debian"`
	Files []File `toml:"file"`
	// Read is how it is read: the use and the settings of another source, whose
	// path is below the folder of the files.
	Read map[string]any `toml:"read"`
}

// A File is one file of an edition.
type File struct {
	// Path is where it lies below the folder of the files, with slashes.
	Path string `toml:"path"`
	// Addresses are where it can be had; without any it is taken from a mirror.
	Addresses []string `toml:"addresses"`
	// SHA256 is in hexadecimal, Size in bytes; 0 if it is not known.
	SHA256 string `toml:"sha256"`
	Size   int64  `toml:"size"`
}

//go:embed *.toml
var files embed.FS

var parsed = sync.OnceValue(func() []Card {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	cards := make([]Card, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err == nil {
			cards[i], err = parse(strings.TrimSuffix(e.Name(), ".toml"), text)
		}
		if err != nil {
			panic(fmt.Sprintf("card %s: %v", e.Name(), err)) // it is part of the program
		}
	}
	return cards
})

// All returns the cards in the order of their names.
func All() []Card { return slices.Clone(parsed()) }

// Find returns the card of a name or an alias, or an error that names the nearest.
func Find(name string) (Card, error) {
	var names []string
	for _, c := range parsed() {
		if c.Name == name || slices.Contains(c.Aliases, name) {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Card{}, fmt.Errorf("no well-known set %q; %s", name, registry.Suggest(name, names))
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// parse reads a card and refuses one that could not be used.
func parse(name string, text []byte) (Card, error) {
	c := Card{Name: name}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&c); err != nil {
		return c, err
	}
	if c.Title == "" || c.Description == "" || c.Attribution == "" || c.Home == "" || len(c.Editions) == 0 || c.Licence == "" && c.Rights == "" {
		return c, errors.New("want title, description, attribution, home, an edition, and a licence or what is known of the rights")
	}
	for _, e := range c.Editions {
		use, _ := e.Read["use"].(string)
		inner, _ := e.Read["path"].(string)
		if use == "" || !local(inner) || e.Items < 1 || len(e.Files) == 0 {
			return c, errors.New("want of every edition its items, its files, and the use and the path of what reads it")
		}
		for _, f := range e.Files {
			if !local(f.Path) || !hash.MatchString(f.SHA256) || f.Size < 0 {
				return c, fmt.Errorf("file %q: want a path below the folder, and a SHA-256", f.Path)
			}
		}
	}
	return c, nil
}

// local says whether a path with slashes stays below the folder that it starts from.
func local(p string) bool {
	return p != "" && !path.IsAbs(p) && p == path.Clean(p) && p != ".." && !strings.HasPrefix(p, "../")
}

// public reports whether all files have an address.
func (e Edition) public() bool {
	return !slices.ContainsFunc(e.Files, func(f File) bool { return len(f.Addresses) == 0 })
}

// source returns what reads the edition from a folder.
func (e Edition) source(folder string) (data.Source, error) {
	read := maps.Clone(e.Read)
	read["path"] = join(folder, read["path"].(string))
	text, err := toml.Marshal(map[string]any{"read": read})
	if err != nil {
		return nil, err
	}
	file, err := registry.Parse("card", text)
	if err != nil {
		return nil, err
	}
	var chosen struct{ Read registry.Choice[data.Source] }
	err = file.Bind(&chosen)
	return chosen.Read.Value, err
}
