package document

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// leastProse is the least share of a Word document's text that is prose: where there is less, tables are the
// layout, and all is read.
const leastProse = 0.1

// readWord reads the paragraphs of a Word document (ISO/IEC 29500-1), without code and tables: those with
// a heading style are headings, those with a number or bullet list items.
func readWord(b []byte) (d Document, err error) {
	z, err := openZip(b)
	if err != nil {
		return d, err
	}
	w := wordReader{}
	if err := w.read(z); err != nil {
		return d, err
	}
	d.Text = w.prose.String()
	if float64(len(d.Text)) < float64(leastProse*float64(len(d.Text)+w.leftOut)) {
		w = wordReader{whole: true}
		if err := w.read(z); err != nil {
			return d, err
		}
		d.Text = w.prose.String()
	}
	if first, _, ok := strings.Cut(d.Text, "\n"); ok && strings.HasPrefix(first, "# ") {
		d.Title = first[2:]
	}
	return d, nil
}

// A wordReader is the state of reading a Word document.
type wordReader struct {
	prose   prose
	whole   bool // whether tables and code are read, too
	leftOut int  // bytes of them that are not
	depth   int  // of elements
	table   int  // of tables
	inText  bool
	inCode  bool // whether the paragraph is code
}

func (w *wordReader) read(z *zip.Reader) error {
	f := find(z, wordBody)
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	from := &bounded{Reader: r, left: mostUnpacked}
	decoder := xml.NewDecoder(from)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		from.token = 0
		switch t := token.(type) {
		case xml.StartElement:
			err = w.start(t)
		case xml.EndElement:
			w.end(t.Name.Local)
		case xml.CharData:
			err = w.text(string(t))
		}
		if err != nil {
			return err
		}
	}
}

func (w *wordReader) start(t xml.StartElement) error {
	if w.depth++; w.depth > mostDepth {
		return fmt.Errorf("its elements are nested more than %d deep", mostDepth)
	}
	switch t.Name.Local {
	case "tbl":
		w.prose.begin("")
		w.table++
	case "p":
		w.prose.begin("")
		w.prose.mark, w.inCode = "", false
	case "pStyle":
		w.style(strings.ToLower(attribute(t, "val")))
	case "numPr":
		w.prose.mark = cmp.Or(w.prose.mark, "- ") // headings have numbers, too
	case "tab", "br":
		w.prose.add(" ")
	case "t":
		w.inText = true
	}
	return nil
}

// style is told the name of the paragraph's style.
func (w *wordReader) style(name string) {
	switch {
	case strings.HasPrefix(name, "heading"), name == "title":
		w.prose.mark = "# "
	case strings.Contains(name, "code"), strings.Contains(name, "preformatted"):
		w.inCode = true
	}
}

func (w *wordReader) end(name string) {
	w.depth--
	switch name {
	case "tbl":
		w.table--
	case "t":
		w.inText = false
	}
}

func (w *wordReader) text(text string) error {
	switch {
	case !w.inText:
	case !w.whole && (w.inCode || w.table > 0):
		w.leftOut += len(text)
	case w.prose.full():
		return errText
	default:
		w.prose.add(text)
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
