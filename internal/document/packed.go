package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Members that identify zipped documents.
const (
	wordBody      = "word/document.xml"
	epubContainer = "META-INF/container.xml"
)

// Limits of zipped documents.
const (
	mostMembers = 10_000 // files
	mostDepth   = 1000   // nesting depth of elements of a Word document
)

func openZip(b []byte) (*zip.Reader, error) {
	if !bytes.HasPrefix(b, []byte(zipMark)) {
		return nil, zip.ErrFormat
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err == nil && len(z.File) > mostMembers {
		err = fmt.Errorf("it has %d files; at most %d are read", len(z.File), mostMembers)
	}
	return z, err
}

// member reads a member of a zip file, of at most left bytes.
func member(z *zip.Reader, name string, left *int64) ([]byte, error) {
	f := find(z, name)
	if f == nil {
		return nil, fmt.Errorf("it has no %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, *left+1))
	if *left -= int64(len(b)); err == nil && *left < 0 {
		err = fmt.Errorf("it has more than %d MiB of text once unpacked", mostText>>20)
	}
	return b, err
}

// readWord reads the paragraphs of a Word document (ISO/IEC 29500-1): those with a heading style
// are headings, those with a number or bullet list items.
func readWord(b []byte) (d Document, err error) {
	z, err := openZip(b)
	if err != nil {
		return d, err
	}
	left := int64(mostText)
	body, err := member(z, wordBody, &left)
	if err != nil {
		return d, err
	}
	var p prose
	inText, depth := false, 0
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return d, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > mostDepth {
				return d, fmt.Errorf("its elements are nested more than %d deep", mostDepth)
			}
			switch t.Name.Local {
			case "p":
				p.begin("")
			case "pStyle":
				switch style := strings.ToLower(attribute(t, "val")); {
				case strings.HasPrefix(style, "heading"):
					p.mark = "# "
				case style == "title":
					p.mark = "# "
				}
			case "numPr":
				p.mark = "- "
			case "tab", "br":
				p.add(" ")
			case "t":
				inText = true
			}
		case xml.EndElement:
			depth--
			inText = inText && t.Name.Local != "t"
		case xml.CharData:
			if inText {
				p.add(string(t))
			}
		}
	}
	d.Text = p.String()
	if first, _, ok := strings.Cut(d.Text, "\n"); ok && strings.HasPrefix(first, "# ") {
		d.Title = first[2:]
	}
	return d, nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
