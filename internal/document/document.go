// Package document reads the text of user-supplied documents: plain text, Markdown, HTML, Word
// (.docx) and EPUB. The format is detected from the bytes and not the name, except for Markdown,
// which looks like plain text.
package document

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/pattern"
)

// A Document is the text of a document. Headings and paragraphs are separated by blank lines; list
// items begin with "- ".
type Document struct {
	// Title is empty if there is none.
	Title string
	Text  string
	// Skipped lists what was left out of a damaged document.
	Skipped []string
}

// mostText limits the text of a document, in bytes: about 2,500 pages.
const mostText = 8 << 20

// A format reads one kind of document.
type format struct {
	name string
	is   func(b []byte, name string) bool
	read func(b []byte) (Document, error)
}

const plainFormat = "text"

// formats are tried in this order.
var formats = []format{
	{"Word", func(b []byte, _ string) bool { return holds(b, wordBody) }, readWord},
	{"EPUB", func(b []byte, _ string) bool { return holds(b, epubContainer) }, readEPUB},
	{"Markdown", func(_ []byte, name string) bool { return named(name, ".md", ".markdown") }, readMarkdown},
	{"HTML", func(b []byte, name string) bool { return isHTML(b, name) }, readHTML},
	{plainFormat, func([]byte, string) bool { return true }, readText},
}

// Read reads a document. If it cannot, the error is one of [badinput].
func Read(b []byte, name string) (d Document, err error) {
	if len(b) > mostText && !bytes.HasPrefix(b, []byte(zipMark)) {
		return d, badinput.Errorf("%s has %d MiB; at most %d MiB of text are read: divide it", name, len(b)>>20, mostText>>20)
	}
	if what := foreign(b); what != "" {
		return d, badinput.Errorf("%s is %s, which is not read; save it as text, Markdown, HTML, Word (.docx), EPUB or PDF", name, what)
	}
	b = withoutEscapes(b)
	for _, f := range formats {
		if !f.is(b, name) {
			continue
		}
		d, err = f.read(b)
		d.Title, d.Text = strings.TrimSpace(norm.NFC.String(d.Title)), strings.TrimSpace(norm.NFC.String(d.Text))
		switch {
		case err != nil && f.name == plainFormat && promised(name) != "":
			return d, badinput.Errorf("%s is no %s file, whatever its name says: it does not begin like one, and is no text either", name, promised(name))
		case err != nil:
			return d, badinput.Errorf("%s: the %s document cannot be read: %w", name, f.name, err)
		case d.Text == "":
			return d, badinput.Errorf("%s: the %s document has no text", name, f.name)
		}
		return d, nil
	}
	return d, badinput.Errorf("%s is no document", name)
}

// foreign names the type of a file that looks like a document but is not supported.
func foreign(b []byte) string {
	switch kind := http.DetectContentType(b); {
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return "a PDF"
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return "an old Word document"
	case bytes.HasPrefix(b, []byte("{\\rtf")), bytes.HasPrefix(b, []byte("{\\pard")): // or a piece of one
		return "a rich text document (RTF)"
	case bytes.HasPrefix(b, []byte("%!PS")):
		return "a PostScript document"
	case strings.HasPrefix(kind, "image/") && kind != "image/svg+xml", strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
		return "of the type " + kind
	case bytes.HasPrefix(b, []byte(zipMark)) && !holds(b, wordBody) && !holds(b, epubContainer):
		if _, err := openZip(b); err != nil {
			return "an archive that is damaged or cut short"
		}
		return "an archive without a document"
	}
	return ""
}

// promised is the format that the extension of a name promises, of those whose files begin alike.
func promised(name string) string {
	for what, extension := range map[string]string{"PDF": ".pdf", "Word": ".docx", "EPUB": ".epub"} {
		if named(name, extension) {
			return what
		}
	}
	return ""
}

// terminal matches what terminals obey: sequences that set colours or titles (ECMA-48, 5.4 and 8.3.89),
// and the characters bell and backspace.
var terminal = pattern.New("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)|[\x07\x08]")

// withoutEscapes is a text without what it says to terminals. Other bytes are returned as they are.
func withoutEscapes(b []byte) []byte {
	if bytes.IndexByte(b, 0) >= 0 || !bytes.ContainsAny(b, "\x1b\x07\x08") || !utf8.Valid(b) {
		return b
	}
	return terminal().ReplaceAll(b, nil)
}

// zipMark is the magic number of zip files.
const zipMark = "PK\x03\x04"

func named(name string, any ...string) bool {
	for _, e := range any {
		if strings.EqualFold(filepath.Ext(name), e) {
			return true
		}
	}
	return false
}

// holds reports whether the bytes are a zip file with a member of that name.
func holds(b []byte, member string) bool {
	z, err := openZip(b)
	return err == nil && find(z, member) != nil
}

func find(z *zip.Reader, member string) *zip.File {
	for _, f := range z.File {
		if f.Name == member {
			return f
		}
	}
	return nil
}

func readText(b []byte) (Document, error) {
	text, encoding := charset.Decode(b, "")
	if encoding == "" || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return Document{}, fmt.Errorf("it is binary, or in an unknown encoding")
	}
	return Document{Text: strings.TrimPrefix(text, "\ufeff")}, nil
}
