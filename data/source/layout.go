package source

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"atelier/data"
)

// A layout says how folder names define the classes and parts of a set. A folder that holds all
// others defines neither.
type layout struct {
	base     string          // the folder that contains all other folders, with a slash; empty if there is none
	level    int             // the number of folders between that and the folder of the part; -1 if no folder defines a part
	suffixes map[string]bool // common suffixes of the part names, as in train2017 and val2017
	loose    data.Split      // the part of the files beside the part folders, empty if they are in none
	divides  bool            // whether both parts exist
	inner    string          // the folder within the part folders that contains all others, with a slash
}

// layoutOf finds the layout of sorted files.
func layoutOf(files []string) layout {
	l := layout{base: commonFolder(files), level: -1}
	for level := range 2 {
		if l.divideAt(files, level) {
			break
		}
	}
	if l.level == 0 {
		l.inner = commonFolder(l.withinParts(files))
	}
	return l
}

// withinParts are the paths relative to the folders of the parts.
func (l *layout) withinParts(files []string) (within []string) {
	for _, f := range files {
		if dirs := l.folders(f); len(dirs) > 0 && l.part(f) != "" {
			within = append(within, strings.TrimPrefix(f, l.base+dirs[0]+"/"))
		}
	}
	return within
}

// A fork is the set of sibling folders in one folder.
type fork struct {
	parts  map[string]map[data.Split]bool // by suffix
	others bool                           // whether some folders are not parts
	files  bool                           // whether there are files beside the folders
}

// divideAt checks whether the folders at a level define the parts: the first level, as in
// train/cat, or the second, as in cat/train.
//
// If siblings include folders for training and for testing, the other siblings are not classes.
// Folders of only one part count as parts only if they have no other siblings: car, bus and train
// are three classes.
func (l *layout) divideAt(files []string, level int) bool {
	forks := map[string]*fork{}
	for _, f := range files {
		dirs := l.folders(f)
		if len(dirs) < level {
			continue // a loose file
		}
		above := strings.Join(dirs[:level], "/")
		k := forks[above]
		if k == nil {
			k = &fork{parts: map[string]map[data.Split]bool{}}
			forks[above] = k
		}
		if len(dirs) == level {
			k.files = true
			continue
		}
		part, suffix := partOf(dirs[level])
		if part == "" {
			k.others = true
			continue
		}
		if k.parts[suffix] == nil {
			k.parts[suffix] = map[data.Split]bool{}
		}
		k.parts[suffix][part] = true
	}
	return l.takes(forks, level)
}

// takes adopts the parts of the forks if they define any.
func (l *layout) takes(forks map[string]*fork, level int) bool {
	told, both := map[data.Split]bool{}, map[string]bool{}
	for _, k := range forks {
		for suffix, parts := range k.parts {
			if parts[data.Train] && parts[data.Test] {
				both[suffix] = true
			}
		}
	}
	if len(forks) == 0 || len(both) == 0 && level > 0 {
		return false
	}
	l.suffixes = both
	divided := len(both) > 0
	for _, k := range forks { // further parts of a set with both, as val2017 beside train and test
		for suffix := range k.parts {
			if divided && !hasLetter(suffix) {
				both[suffix] = true
			}
		}
	}
	if !divided {
		l.suffixes = map[string]bool{"": true}
	}
	for _, k := range forks {
		tells := false
		for suffix, parts := range k.parts {
			for p := range parts {
				told[p], tells = told[p] || l.suffixes[suffix], tells || l.suffixes[suffix]
			}
			k.others = k.others || !l.suffixes[suffix]
		}
		if !tells || !divided && k.others {
			return false // it would lose a class
		}
	}
	l.level, l.divides = level, told[data.Train] && told[data.Test]
	if level == 0 && !told[data.Train] && forks[""].files {
		l.loose, l.divides = data.Train, true // files beside a folder val are for training
	}
	return true
}

// folders lists the folders around a file below the base.
func (l *layout) folders(file string) []string {
	dirs := strings.Split(strings.TrimPrefix(file, l.base), "/")
	return dirs[:len(dirs)-1]
}

// part is the part that the folders define, or empty.
func (l *layout) part(file string) data.Split {
	dirs := l.folders(file)
	if l.level < 0 || len(dirs) == 0 {
		return l.loose
	}
	if len(dirs) <= l.level {
		return ""
	}
	part, suffix := partOf(dirs[l.level])
	if !l.suffixes[suffix] {
		return ""
	}
	return part
}

// partFolders lists the first few distinct part folders of some files.
func (l *layout) partFolders(files []string) (dirs []string) {
	const most = 6
	for _, f := range files {
		if l.part(f) == "" || len(l.folders(f)) <= l.level {
			continue
		}
		dir := l.base + strings.Join(l.folders(f)[:l.level+1], "/")
		if slices.Contains(dirs, dir) {
			continue
		}
		if len(dirs) == most {
			return append(dirs, "...")
		}
		dirs = append(dirs, dir)
	}
	return dirs
}

// class is the folder that names the class: the first that is not a part, below one that contains
// all others.
func (l *layout) class(file string) string {
	dirs := l.folders(file)
	if l.level == 0 && l.part(file) != "" && len(dirs) > 0 {
		within := strings.TrimPrefix(strings.Join(dirs[1:], "/")+"/", l.inner)
		dirs = strings.Split(within, "/")
	}
	return strings.Join(dirs[:min(1, len(dirs))], "")
}

// hasLetter reports whether a suffix has a letter, as in test_tube.
func hasLetter(ending string) bool { return strings.ContainsFunc(ending, unicode.IsLetter) }

// commonFolder is the deepest folder that contains all folders with files, with a slash. If a
// single folder holds all files, it is that folder.
func commonFolder(files []string) string {
	if len(files) == 0 {
		return ""
	}
	common, deeper := path.Dir(files[0])+"/", false
	for _, f := range files {
		dir := path.Dir(f) + "/"
		for !strings.HasPrefix(dir, common) {
			common, deeper = above(common), true
		}
		deeper = deeper || dir != common
	}
	if !deeper {
		common = above(common)
	}
	return strings.TrimPrefix(common, "./")
}

// above is the parent of a folder, with a slash unless it is the root.
func above(dir string) string {
	return dir[:strings.LastIndexByte(strings.TrimSuffix(dir, "/"), '/')+1]
}
