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

// A finder resolves the names in tables to works. Its indices are built on demand.
type finder struct {
	works map[string]bool
	root  string // absolute path of the tree, with slashes

	paths, names, stems, stemNames, folded map[string][]string
}

func (s *survey) finder(root string) *finder {
	if abs, err := filepath.Abs(root); err == nil {
		root = filepath.ToSlash(abs)
	}
	return &finder{works: s.works, root: root}
}

// A finding is the result of resolving a name.
type finding struct {
	file  string   // empty if not found
	exact bool     // whether it was given by its path
	near  []string // if not found: similar files, from which the user can choose
	many  bool     // whether it matches each of those
}

// find resolves a name in a table: as a path from the folder of the table, or else from the root.
// Names may be in any Unicode form, percent-encoded or absolute. A bare name without a folder
// matches the only work of that name, and a name without extension the only work that adds one.
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

// within lists the paths that a name may stand for: from a folder or, if it names a folder itself,
// from the root.
func (f *finder) within(dir, name string) []string {
	if rest, ok := strings.CutPrefix(name, f.root+"/"); ok {
		return []string{path.Clean(rest)}
	}
	if !strings.Contains(name, "/") {
		return []string{path.Join(dir, name)}
	}
	return []string{path.Join(dir, name), path.Join(".", name)}
}

// spellings lists the possible readings of a name, the literal one first.
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

// nearest returns those of the sorted files that lie below a folder, or all of them if none does.
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

// index maps a key of the NFC path to works, sorted.
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
