package document

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/net/html"
)

// readEPUB reads the chapters of a book (EPUB 3.3) in the order of its spine.
func readEPUB(b []byte) (d Document, err error) {
	z, err := openZip(b)
	if err != nil {
		return d, err
	}
	left := int64(mostUnpacked)
	var container struct {
		Rootfiles []struct {
			Path string `xml:"full-path,attr"`
		} `xml:"rootfiles>rootfile"`
	}
	if err := memberXML(z, epubContainer, &left, &container); err != nil {
		return d, err
	}
	if len(container.Rootfiles) == 0 {
		return d, errors.New("its container names no package")
	}
	var book struct {
		Title string `xml:"metadata>title"`
		Items []struct {
			ID   string `xml:"id,attr"`
			Href string `xml:"href,attr"`
		} `xml:"manifest>item"`
		Spine []struct {
			ID string `xml:"idref,attr"`
		} `xml:"spine>itemref"`
	}
	root := container.Rootfiles[0].Path
	if err := memberXML(z, root, &left, &book); err != nil {
		return d, err
	}
	files := map[string]string{}
	for _, item := range book.Items {
		files[item.ID] = path.Join(path.Dir(root), item.Href)
	}
	var spine []string
	for _, ref := range book.Spine {
		spine = append(spine, cmp.Or(files[ref.ID], ref.ID))
	}
	d.Title = book.Title
	d.Text, d.Skipped, err = readChapters(z, spine, &left)
	return d, err
}

// readChapters returns the text of a book's files, of at most left bytes of markup, and lists those skipped.
func readChapters(z *zip.Reader, files []string, left *int64) (all string, skipped []string, err error) {
	var text strings.Builder
	for i, file := range files {
		if find(z, file) == nil {
			skipped = append(skipped, fmt.Sprintf("part %d of the book: there is no file %s", i+1, file))
			continue
		}
		chapter, err := member(z, file, left)
		if *left < 0 {
			return "", nil, err
		}
		var tree *html.Node
		if err == nil {
			tree, err = html.Parse(bytes.NewReader(chapter))
		}
		if err != nil {
			skipped = append(skipped, fmt.Sprintf("part %d of the book, %s: %v", i+1, file, err))
			continue
		}
		if text.WriteString(plain(tree) + "\n"); text.Len() > mostText {
			return "", nil, errText
		}
	}
	if n := len(skipped); n > 0 && n == len(files) {
		return "", nil, fmt.Errorf("none of its %d parts can be read, such as %s", n, skipped[0])
	}
	return text.String(), skipped, nil
}

func memberXML(z *zip.Reader, name string, left *int64, v any) error {
	b, err := member(z, name, left)
	if err != nil {
		return err
	}
	if err := xml.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
