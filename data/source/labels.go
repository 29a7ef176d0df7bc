package source

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"atelier/data"
)

// isTable says whether a file may be a table of labels beside the works.
func isTable(file string) bool { return isCSV(file) || isJSONL(file) }

// readLabels notes what a table says of the files that it names, and returns its
// columns. A table that names none of the works is of something else.
func (s *survey) readLabels(ctx context.Context, l leaf, w works) (columns []string, err error) {
	if l.drop != nil {
		return nil, nil // it is dropped like any other file
	}
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	find := s.finder(path.Dir(l.path))
	var absent []missing
	named := false
	for row, err := range tableRows(ctx, l.path, f) {
		var drop *data.Drop
		switch {
		case errors.As(err, &drop):
			continue
		case err != nil:
			return nil, err
		}
		cols, err := Columns{}.in(row.names)
		name, _ := row.text(cols.Path)
		if err != nil || name == "" {
			continue
		}
		if slices.Contains(row.names, w.Label) {
			cols.Label = w.Label
			if cols.Group == w.Label {
				cols.Group = ""
			}
		}
		if cols.Text != "" && cols.Caption == "" {
			cols.Caption = cols.Text
		}
		file := find(name)
		if file == "" {
			absent = append(absent, missing{strings.TrimPrefix(path.Clean("/"+name), "/"), row.place(w.at(l.path))})
			continue
		}
		named = true
		columns = unite(columns, row.names)
		if said, err := cols.facts(row.record); err == nil {
			s.facts[file] = s.facts[file].and(said)
		}
	}
	if named {
		s.missing = append(s.missing, absent...)
	}
	return columns, nil
}

// and completes what one table says with what another does.
func (f facts) and(g facts) facts {
	f.label, f.caption, f.group, f.part = cmp.Or(f.label, g.label), cmp.Or(f.caption, g.caption), cmp.Or(f.group, g.group), cmp.Or(f.part, g.part)
	f.origin.Licence, f.origin.Creator = cmp.Or(f.origin.Licence, g.origin.Licence), cmp.Or(f.origin.Creator, g.origin.Creator)
	f.origin.Attribution = cmp.Or(f.origin.Attribution, g.origin.Attribution)
	return f
}

// finder returns what finds the work that a table in a folder names: by its path
// from that folder, or else by its name, if only one work below is called so.
func (s *survey) finder(dir string) func(name string) string {
	var byName map[string]string
	return func(name string) string {
		name = strings.ReplaceAll(name, `\`, "/")
		if file := path.Join(dir, name); s.works[file] {
			return file
		}
		if byName == nil {
			byName = map[string]string{}
			for file := range s.works {
				if dir != "." && !strings.HasPrefix(file, dir+"/") {
					continue
				}
				base := path.Base(file)
				if _, twice := byName[base]; twice {
					file = ""
				}
				byName[base] = file
			}
		}
		return byName[path.Base(name)]
	}
}

// unite adds the names that are new.
func unite(names, more []string) []string {
	for _, n := range more {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}
