package app

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/provenance"
)

// Among finds the files that a work was made from as an input of a name, one or several, in a folder,
// by their content, whatever they are called now. beside is the work's sidecar, nil if there is none.
// Files of other sizes are not read.
func Among(work File, beside []byte, name string, folder fs.FS) (map[string]File, error) {
	label, err := labelOf(work.Bytes, beside)
	if err != nil {
		return nil, &FileError{work.Name, err}
	}
	wanted := map[string]provenance.Input{}
	for key, in := range label.Inputs {
		if key == name || strings.HasPrefix(key, name+".") {
			wanted[key] = in
		}
	}
	found := map[string]File{}
	err = fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || len(found) == len(wanted) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var file File
		for key, in := range wanted {
			if _, ok := found[key]; ok || int64(in.Size) != info.Size() {
				continue
			}
			if file.Bytes == nil {
				if file.Bytes, err = fs.ReadFile(folder, path); err != nil {
					return err
				}
			}
			if file.Name = cmp.Or(file.Name, path); file.Hash() == in.SHA256 {
				found[key] = file
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, badinput.Mark(err)
	case len(wanted) == 0:
		return nil, badinput.Errorf("%s: the label names no input %q; it names %s", work.Name, name, inputNames(label))
	case len(found) == 0:
		return nil, badinput.Errorf("%s: no file in the folder given for %s is one that it was made from", work.Name, name)
	}
	return found, nil
}

// inputNames are the names of the inputs of a label, those of several files once.
func inputNames(label provenance.Label) string {
	var names []string
	for key := range label.Inputs {
		name, _, _ := strings.Cut(key, ".")
		names = append(names, name)
	}
	slices.Sort(names)
	return cmp.Or(strings.Join(slices.Compact(names), ", "), "none")
}
