package document

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

// Members that identify zipped documents.
const (
	wordBody      = "word/document.xml"
	epubContainer = "META-INF/container.xml"
)

// Limits of zipped documents.
const (
	mostMembers  = 10_000    // files
	mostUnpacked = 128 << 20 // bytes of markup, which is much more than text: Word repeats the font in each run
	mostDepth    = 1000      // nesting depth of elements of a Word document
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

// errText says that there is more text than is read.
var errText = fmt.Errorf("it has more than %d MiB of text", mostText>>20)

// A bounded reader reads markup within limits.
type bounded struct {
	io.Reader
	left  int64 // bytes of markup
	token int64 // bytes since the last token of it, which the caller sets to 0
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.left -= int64(n)
	b.token += int64(n)
	switch {
	case b.left < 0:
		return n, fmt.Errorf("it has more than %d MiB once unpacked", mostUnpacked>>20)
	case b.token > mostText:
		return n, errText
	}
	return n, err
}

// member reads a member of a zip file, of at most left bytes. If there are more, none are left.
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
	from := &bounded{Reader: r, left: *left}
	b, err := io.ReadAll(from)
	if *left = from.left; from.token > mostText {
		*left = -1
	}
	return b, err
}
