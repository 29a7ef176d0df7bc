package source

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
)

// isTable reports whether a file may be a table of labels beside the works.
func isTable(file string) bool { return isCSV(file) || isJSONL(file) }

// mostGuesses is the number of rows that are searched for a column of file names if the header does
// not show one.
const mostGuesses = 100

// A labelTable is a table beside the works that is being read.
type labelTable struct {
	*survey
	works  works
	find   *finder
	file   string
	column string   // the column of file names
	read   []string // the other columns of rows that match a work

	rows, named int
	first       string // the first file name without a work
	outside     bool   // whether it names works outside its folder
	told        bool   // whether it has a column with facts about works
	labels      bool   // whether it has labels
	lost        []lost
	waiting     []row // rows kept until the column is known
}

// A lost row is a row without effect, and why.
type lost struct {
	name, place string
	drop        *data.Drop
}

// readLabels records what a table states about the files it names, and returns its columns. A table
// that names no files is about something else.
func (s *survey) readLabels(ctx context.Context, l leaf, w works, find *finder) (columns []string, err error) {
	if l.drop != nil {
		return nil, nil // dropped like any other file
	}
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := &labelTable{survey: s, works: w, find: find, file: l.path}
	for r, err := range tableRows(ctx, l.path, f, w.noting(l.path)) {
		var drop *data.Drop
		switch {
		case errors.As(err, &drop):
			if cols, _ := (Columns{}).in(r.names); t.column == "" {
				t.column = cols.File
			}
			t.lose(r, drop)
			continue
		case err != nil:
			return nil, err
		}
		if t.rows++; t.rows == 1 && isCSV(l.path) && !t.hasHeader(r.names) {
			return nil, badinput.Errorf("line 1: %s is one of the files, and no header; want a first line such as file_name,label", strings.TrimSpace(r.names[t.firstNamed(r.names)]))
		}
		if t.waiting = append(t.waiting, r); t.findColumn(r) {
			for _, r := range t.waiting {
				t.add(r)
			}
			t.waiting = nil
		} else if t.column == "" && len(t.waiting) > mostGuesses {
			break
		}
	}
	return t.finish(), nil
}

// hasHeader reports whether none of the column names is the name of a work.
func (t *labelTable) hasHeader(names []string) bool { return t.firstNamed(names) < 0 }

// firstNamed is the index of the first text that names a work, or -1.
func (t *labelTable) firstNamed(texts []string) int {
	return slices.IndexFunc(texts, func(text string) bool {
		return typeOfFile(strings.TrimSpace(text)) != "" && t.find.find(path.Dir(t.file), text).file != ""
	})
}

// findColumn finds the column of file names by its name, or else by its values.
func (t *labelTable) findColumn(r row) bool {
	if cols, _ := (Columns{}).in(r.names); cols.File != "" {
		t.column = cols.File
		return true
	}
	if t.column != "" && slices.Contains(r.names, t.column) {
		return true
	}
	if !t.hasFacts(r) {
		return false
	}
	t.column = t.naming(r)
	return t.column != ""
}

// naming is the first column of a row whose value names a work, or empty.
func (t *labelTable) naming(r row) string {
	for _, n := range r.names {
		if text, err := r.text(n); err == nil && text != "" && t.find.find(path.Dir(t.file), text).file != "" {
			return n
		}
	}
	return ""
}

// hasFacts reports whether a row has a column with facts about a work.
func (t *labelTable) hasFacts(r row) bool {
	cols, _ := Columns{}.in(r.names)
	return cols.Label+cols.Caption+cols.Text+cols.Group+cols.Part+cols.Licence+cols.Creator != "" || t.works.hasLabel(r.names)
}

// add records the facts of a row.
func (t *labelTable) add(r row) {
	cols, err := Columns{}.in(r.names)
	if cols.File == "" {
		cols.File = t.column
	}
	t.column = cols.File
	for _, c := range []*string{&cols.Label, &cols.Group, &cols.Caption} {
		if *c == cols.File {
			*c = ""
		}
	}
	if t.works.hasLabel(r.names) {
		cols.Label = t.works.Label
		if cols.Group == t.works.Label {
			cols.Group = ""
		}
	}
	if cols.Text != "" && cols.Caption == "" {
		cols.Caption = cols.Text
	}
	var said facts
	if err == nil {
		said, err = cols.facts(r.record)
	}
	name, e := r.text(cols.File)
	switch {
	case err != nil || e != nil:
		t.lose(r, asDrop(badRow(errors.Join(err, e))))
		return
	case strings.TrimSpace(name) == "":
		t.lose(r, data.Dropf("bad row", "the column %q names no file", cols.File))
		return
	}
	found := t.find.find(path.Dir(t.file), name)
	if found.file == "" {
		t.miss(r, name, found)
		return
	}
	t.named++
	t.told = t.told || t.hasFacts(r)
	t.read = unite(t.read, r.names)
	t.labels = t.labels || said.label != ""
	t.outside = t.outside || path.Dir(t.file) != "." && !strings.HasPrefix(found.file, path.Dir(t.file)+"/")
	t.addClaim(claim{facts: said, file: found.file, row: t.lostRow(r, nil)}, found.exact)
}

// miss records that a row matches no work.
func (t *labelTable) miss(r row, name string, found finding) {
	if t.first == "" {
		t.first = name
	}
	switch near := strings.Join(found.near[:min(3, len(found.near))], ", "); {
	case found.many:
		t.lose(r, data.Dropf("ambiguous", "the table names %s, which may be each of %d files: %s; name the folder too", name, len(found.near), near))
	case near != "":
		t.lose(r, data.Dropf("missing", "the table names %s, which is none of the files that are read; there is %s", name, near))
	default:
		t.lose(r, data.Dropf("missing", "the table names %s, which is none of the files that are read", name))
	}
}

func (t *labelTable) lose(r row, why *data.Drop) { t.lost = append(t.lost, t.lostRow(r, why)) }

func (t *labelTable) lostRow(r row, why *data.Drop) lost {
	return lost{fmt.Sprintf("%s/%d", t.file, r.at), r.place(t.works.at(t.file)), why}
}

// finish reports what had no effect. A table that names files, none of them works, is reported as a
// whole, apart from its malformed lines; a table that names no files is about something else.
func (t *labelTable) finish() []string {
	switch {
	case t.column == "" && t.rows > 0:
		t.passOverUnknown()
		return nil
	case t.named == 0 && t.first != "":
		t.passOver(t.file, data.Dropf("names nothing", "none of the %d rows names a file that is read; the first names %s", t.rows, t.first))
		t.lost = slices.DeleteFunc(t.lost, func(l lost) bool { return l.drop.Reason == "missing" })
	}
	t.survey.lost = append(t.survey.lost, t.lost...)
	if t.named > 0 && !t.told {
		t.passOver(t.file, withoutFacts(t.column, t.read))
	}
	if t.labels {
		dir := path.Dir(t.file)
		if t.outside {
			dir = "."
		}
		t.labelled[dir] = true
	}
	return t.read
}

// passOverUnknown drops a table without known columns most of whose rows name a work in some
// column.
func (t *labelTable) passOverUnknown() {
	naming := map[string]int{} // rows, by column
	for _, r := range t.waiting {
		column := t.naming(r)
		if naming[column]++; column != "" && 2*naming[column] > len(t.waiting) {
			t.passOver(t.file, withoutFacts(column, r.names))
			return
		}
	}
}

// withoutFacts is the drop for a table that names works in a column but has no other known column.
func withoutFacts(column string, names []string) *data.Drop {
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == column })
	if len(others) == 0 {
		return data.Dropf("tells nothing", "its only column is %s, which names files", column)
	}
	return data.Dropf("tells nothing", "its column %s names files, and of the others, %s, none is known as label, caption or the like; label = %q takes one as the label",
		column, strings.Join(others, ", "), others[len(others)-1])
}

// labelledByTable reports whether a table gives labels in a work's folder. A work that it does not
// list then has none.
func (s *survey) labelledByTable(file string) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if s.labelled[dir] || dir == "." {
			return s.labelled[dir]
		}
	}
}

// unite adds the new names.
func unite(names, more []string) []string {
	for _, n := range more {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}
