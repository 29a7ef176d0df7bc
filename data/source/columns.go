package source

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// Columns says which columns of a table hold what. A column that is not set is found by its usual
// names; "none" turns the search off.
type Columns struct {
	Text    string `help:"column with the text; a list becomes lines; else text, content, paragraphs, turns, messages, ..."`
	File    string `was:"path" help:"column with the path of a file, relative to the table's folder; else file_name, filename, file, path, ..."`
	Bytes   string `help:"column with the bytes of a file, raw or in base64; else image, picture, bytes, ..."`
	Label   string `help:"column with the class; else label, class, category"`
	Caption string `help:"column with the caption; else caption, summary, abstract, description, title"`
	Group   string `help:"column with the group: rows of one group are kept in the same part; else group"`
	Licence string `help:"column with the licence; else licence, license, rights"`
	Creator string `help:"column with the author; else creator, author, artist, photographer"`
	Part    string `help:"column with the part, train or test, that the row belongs to; else split"`
}

// The usual names of columns.
var usual = struct{ text, file, bytes, label, caption, group, licence, creator, attribution, part []string }{
	text:        []string{"text", "content", "paragraphs", "turns", "messages", "conversations", "dialogue", "body", "document", "article", "sentence"},
	file:        []string{"file_name", "filename", "file", "path", "file_path", "image_path", "midi_filename"},
	bytes:       []string{"image", "img", "picture", "photo", "bytes", "image_bytes", "base64", "image_base64", "midi"},
	label:       []string{"label", "class", "category"},
	caption:     []string{"caption", "summary", "abstract", "description", "title"},
	group:       []string{"group"},
	licence:     []string{"licence", "license", "rights"},
	creator:     []string{"creator", "author", "artist", "photographer"},
	attribution: []string{"attribution"},
	part:        []string{"split"},
}

// in resolves the columns against the header of a table. It is an error if a requested column is
// missing.
func (c Columns) in(names []string) (found Columns, err error) {
	asked := c.requested()
	found = c
	for _, f := range []struct {
		key   string
		name  *string
		usual []string
	}{
		{"text", &found.Text, usual.text}, {"file", &found.File, usual.file}, {"bytes", &found.Bytes, usual.bytes},
		{"label", &found.Label, usual.label}, {"caption", &found.Caption, usual.caption}, {"group", &found.Group, usual.group},
		{"licence", &found.Licence, usual.licence}, {"creator", &found.Creator, usual.creator}, {"part", &found.Part, usual.part},
	} {
		switch {
		case *f.name == "none":
			*f.name = ""
		case *f.name == "":
			*f.name = column(names, f.usual, asked)
		case !slices.Contains(names, *f.name):
			return found, badinput.Errorf("%s: there is no column %q; %s", f.key, *f.name, registry.Suggest(*f.name, names))
		}
		if n := occurrences(*f.name, names, asked); n > 1 && err == nil {
			err = badinput.Errorf("%s: there are %d columns %q; give each a name of its own", f.key, n, *f.name)
		}
	}
	return found, err
}

// requested lists the columns that are set.
func (c Columns) requested() []string {
	return []string{c.Text, c.File, c.Bytes, c.Label, c.Caption, c.Group, c.Licence, c.Creator, c.Part}
}

// occurrences counts how often a column occurs in a table; a requested column must match exactly.
func occurrences(name string, names, asked []string) (n int) {
	for _, other := range names {
		if name != "" && (other == name || strings.EqualFold(other, name) && !slices.Contains(asked, name) && !slices.Contains(asked, other)) {
			n++
		}
	}
	return n
}

// readable is like in for tables of works: a table without texts and files is an error.
func (c Columns) readable(names []string) (Columns, error) {
	found, err := c.in(names)
	if err == nil && found.Text == "" && found.File == "" && found.Bytes == "" {
		err = badinput.Errorf("none of the columns %s holds a text or a file; name the one that does with text, bytes or file", strings.Join(names, ", "))
	}
	return found, err
}

// divide reports whether a column puts some rows into the training part and others into the test
// part. If the table is fixed, all rows have the columns of the first.
func (c Columns) divide(rows iter.Seq2[row, error], fixed bool) bool {
	parts := map[data.Split]bool{}
	for r, err := range rows {
		if err != nil {
			if isDrop(err) {
				continue
			}
			return false
		}
		found, err := c.in(r.names)
		if fixed && (err != nil || found.Part == "") {
			return false
		}
		part, _ := r.text(found.Part)
		if parts[partOfValue(cellValue(part))] = true; divides(parts) {
			return true
		}
	}
	return false
}

// column returns the first usual name that occurs among the names and was not requested as
// something else, either exactly or spelled like File Name and FileName.
func column(names, usual, asked []string) string {
	for _, form := range []func(string) string{strings.ToLower, joinedWords} {
		for _, u := range usual {
			for _, n := range names {
				if form(n) == form(u) && !slices.Contains(asked, n) {
					return n
				}
			}
		}
	}
	return ""
}

var wordEnds = strings.NewReplacer("_", "", "-", "", " ", "")

// joinedWords is a name without the separators between its words.
func joinedWords(name string) string {
	return wordEnds.Replace(strings.ToLower(strings.TrimSpace(name)))
}

// item makes an Item of a row, given the resolved columns. Files are read by open. A row that gives
// no Item returns a [*data.Drop].
func (c Columns) item(r record, open func(path string) ([]byte, error)) (it data.Item, part data.Split, err error) {
	f, err := c.facts(r)
	if err != nil {
		return it, "", badRow(err)
	}
	it = data.Item{Label: f.label, Caption: f.caption, Group: f.group, Origin: f.origin}
	if drop := checkPart(f.part); drop != nil {
		return it, "", drop
	}
	text, err := r.text(c.Text)
	if err != nil {
		return it, f.part, badRow(err)
	}
	file, err := c.file(r)
	if err != nil {
		return it, f.part, badRow(err)
	}
	if file.bytes == nil && (file.path == "" || text != "" && kindOf(typeOfFile(file.path)) != pictures) {
		if text == "" {
			return it, f.part, data.Dropf("empty", "the row has neither a text nor a file")
		}
		it.Bytes = []byte(text)
		it.MediaType = typeOfText(it.Bytes)
		return it, f.part, nil
	}
	it.Caption = cmp.Or(it.Caption, text)
	return it, f.part, fill(&it, file, open)
}

// file returns the file of a row, as bytes or as a path; empty if there is none.
func (c Columns) file(r record) (embedded, error) {
	for _, name := range []string{c.Bytes, c.File} {
		if name == "" {
			continue
		}
		if f, err := r.file(name); err != nil || f.bytes != nil || f.path != "" {
			return f, err
		}
	}
	return embedded{}, nil
}

// fill puts a file into an Item.
func fill(it *data.Item, file embedded, open func(path string) ([]byte, error)) error {
	b := file.bytes
	if b == nil {
		if typeOfFile(file.path) == "" {
			return data.Dropf("unknown kind", "%s is none of %s", file.path, fileKinds)
		}
		var err error
		if b, err = open(file.path); err != nil {
			return unreadable(err)
		}
	}
	return found(it, file.path, b)
}

func badRow(err error) error { return data.Dropf("bad row", "%v", err) }
