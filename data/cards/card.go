// Package cards holds well-known public sets by name: their addresses, files, format, licence and
// attribution.
package cards

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"atelier/data"
	"atelier/internal/pattern"
	"atelier/internal/registry"
)

// A Card describes a set. Each is a file cards/NAME.toml.
type Card struct {
	// Name is the name of the file; Aliases are other common names.
	Name    string   `toml:"-"`
	Aliases []string `toml:"aliases"`
	// Title and Description describe the set.
	Title       string `toml:"title"`
	Description string `toml:"description"`
	// Licence is an SPDX identifier, "public domain", or empty if unclear; Rights adds what an
	// identifier cannot say.
	Licence string `toml:"licence"`
	Rights  string `toml:"rights"`
	// Attribution is the credit that the set asks for.
	Attribution string `toml:"attribution"`
	// Home is the address of the set's page or repository.
	Home string `toml:"home"`
	// Editions are the available forms of the set, the best first.
	Editions []Edition `toml:"edition"`
}

// An Edition is one form of a set: all of it, or a part.
type Edition struct {
	// About describes the edition.
	About string `toml:"about"`
	// Items is the number of works.
	Items int `toml:"items"`
	// Debian is the folder where the Debian package of that name installs the files.
	Debian struct {
		Package string `toml:"package"`
		Folder  string `toml:"folder"`
	} `toml:"debian"`
	Files []File `toml:"file"`
	// Read is the source that reads the edition, with its settings; its path is relative to the
	// folder of the files.
	Read map[string]any `toml:"read"`
}

// A File is one file of an edition.
type File struct {
	// Path is the path relative to the folder of the files, with slashes.
	Path string `toml:"path"`
	// Addresses are where the file can be downloaded; without any it must come from a mirror.
	Addresses []string `toml:"addresses"`
	// SHA256 is in hexadecimal, Size in bytes; 0 if unknown.
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

var hash = pattern.New(`^[0-9a-f]{64}$`)

// parse reads a card and checks it.
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
			if !local(f.Path) || !hash().MatchString(f.SHA256) || f.Size < 0 {
				return c, fmt.Errorf("file %q: want a path below the folder, and a SHA-256", f.Path)
			}
		}
	}
	return c, nil
}

// local reports whether a path with slashes stays below its folder.
func local(p string) bool {
	return p != "" && !path.IsAbs(p) && p == path.Clean(p) && p != ".." && !strings.HasPrefix(p, "../")
}

// public reports whether all files have an address.
func (e Edition) public() bool {
	return !slices.ContainsFunc(e.Files, func(f File) bool { return len(f.Addresses) == 0 })
}

// source returns the source that reads the edition from a folder.
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
