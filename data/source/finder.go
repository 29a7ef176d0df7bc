package source

import (
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A finder finds the works that tables name. Its indices are made when they are needed.
type finder struct {
	works map[string]bool
	root  string // absolute place of the tree, with slashes

	paths, names, stems, stemNames, folded map[string][]string
}

func (s *survey) finder(root string) *finder {
	if abs, err := filepath.Abs(root); err == nil {
		root = filepath.ToSlash(abs)
	}
	return &finder{works: s.works, root: root}
}

// A finding is what a name in a table stands for.
type finding struct {
	file  string   // empty for none
	exact bool     // whether it was named by its path
	near  []string // if there is none: what the name may mean, and only a person knows
	many  bool     // whether it may mean each of those
}

// find finds the work that a table in a folder names: by its path from that folder, or
// else from the root. Names may be in any Unicode form, escaped as in addresses, or
// absolute. A bare name, without folder, may stand for the only work of that name, and a
// name without extension for the only work that has one.
func (f *finder) find(dir, name string) finding {
	spelt := spellings(name)
	var tried []string
	for _, n := range spelt {
		for _, p := range f.within(dir, n) {
			if f.works[p] {
				return finding{file: p, exact: true}
			}
			tried = append(tried, norm.NFC.String(p))
		}
	}
	for _, p := range tried {
		if found := f.index(&f.paths, pathKey)[p]; len(found) > 0 {
			return only(found, true)
		}
	}
	for _, n := range spelt {
		if n = norm.NFC.String(n); strings.Contains(n, "/") {
			continue
		}
		for _, found := range [][]string{f.index(&f.names, path.Base)[n], f.index(&f.stemNames, stemName)[n]} {
			if found = nearest(found, dir); len(found) > 0 {
				return only(found, false)
			}
		}
	}
	for _, p := range tried {
		if found := f.index(&f.stems, stem)[p]; len(found) > 0 {
			return only(found, false)
		}
	}
	for _, p := range tried {
		if found := f.index(&f.folded, strings.ToLower)[strings.ToLower(p)]; len(found) > 0 {
			return finding{near: found}
		}
	}
	return finding{}
}

func pathKey(file string) string  { return file }
func stemName(file string) string { return path.Base(stem(file)) }

func only(found []string, exact bool) finding {
	if len(found) > 1 {
		return finding{near: found, many: true}
	}
	return finding{file: found[0], exact: exact}
}

// within are the paths that a name may stand for: from a folder, or else from the root
// if it names a folder.
func (f *finder) within(dir, name string) []string {
	if rest, ok := strings.CutPrefix(name, f.root+"/"); ok {
		return []string{path.Clean(rest)}
	}
	if !strings.Contains(name, "/") {
		return []string{path.Join(dir, name)}
	}
	return []string{path.Join(dir, name), path.Join(".", name)}
}

// spellings are the ways in which a name may be meant, as it stands first.
func spellings(name string) []string {
	spelt := []string{name}
	add := func(n string) {
		if n = strings.TrimSpace(n); !slices.Contains(spelt, n) {
			spelt = append(spelt, n)
		}
	}
	add(name)
	name = strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")
	add(name)
	name = strings.TrimPrefix(name, "./")
	add(name)
	if rest, ok := strings.CutPrefix(name, "file://"); ok {
		name = strings.TrimPrefix(rest, "localhost")
		add(name)
	}
	if plain, err := url.PathUnescape(name); err == nil {
		add(plain)
	}
	return spelt
}

// nearest are those of some sorted files that lie below a folder, or all of them if
// none does.
func nearest(files []string, dir string) []string {
	if dir == "." {
		return files
	}
	from, _ := slices.BinarySearch(files, dir+"/")
	to, _ := slices.BinarySearch(files, dir+"0") // the character after the slash
	if from < to {
		return files[from:to]
	}
	return files
}

// index returns the works, sorted, by a key of their paths in the form NFC.
func (f *finder) index(made *map[string][]string, key func(string) string) map[string][]string {
	if *made == nil {
		*made = make(map[string][]string, len(f.works))
		for _, file := range slices.Sorted(maps.Keys(f.works)) {
			k := key(norm.NFC.String(file))
			(*made)[k] = append((*made)[k], file)
		}
	}
	return *made
}
