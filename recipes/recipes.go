// Package recipes holds the run files that come with the program.
package recipes

import (
	"embed"
	"errors"
	"io/fs"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

//go:embed *.toml
var files embed.FS

const extension = ".toml"

// Names returns the names of the recipes, sorted.
func Names() []string {
	paths, err := fs.Glob(files, "*"+extension)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(p, extension)
	}
	return paths
}

// replaced are recipes of earlier versions, by what takes their place.
var replaced = map[string]string{
	"few-shot": "pictures, which learns few pictures better: atelier train FOLDER chooses it and its settings",
}

// Read returns the run file of a recipe, or an error that names the nearest
// recipe and all there are.
func Read(name string) ([]byte, error) {
	if by := replaced[name]; by != "" {
		return nil, badinput.Errorf("there is no recipe %s any more; use %s", name, by)
	}
	text, err := files.ReadFile(name + extension)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, badinput.Errorf("no recipe %q; %s", name, registry.Suggest(name, Names()))
	}
	return text, err
}

// Doc is the first sentence of the comment that a recipe begins with.
func Doc(name string) (string, error) {
	text, err := Read(name)
	if err != nil {
		return "", err
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	sentence, _, _ := strings.Cut(strings.Join(words, " "), ". ")
	return strings.TrimSuffix(sentence, "."), nil
}
