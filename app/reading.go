package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/document"
	"atelier/internal/fetch"
)

// A PDFPage is the text of a page of a PDF file, or why there is none.
type PDFPage struct {
	Text string `json:"text,omitempty"`
	Why  string `json:"why,omitempty"`
}

// PagesCounted is told now and then, one call at a time, how many pages have been read so far.
type PagesCounted func(pages int)

// isAddress reports whether a name is an address of the web.
func isAddress(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// page fetches a page of the web.
func (e *Env) page(ctx context.Context, address string) (File, error) {
	if e.Fetch == nil {
		return File{}, badinput.Errorf("%s: pages of the web are not fetched here; save it, and hand in the file", address)
	}
	e.working("fetching " + address)
	p, err := e.Fetch(ctx, address)
	var refused *fetch.Refusal
	switch {
	case errors.As(err, &refused) && refused.Reason == fetch.Private:
		return File{}, badinput.Errorf("%s is in a private network; for pages of your own network set %s=1", address, PrivateVariable)
	case errors.As(err, &refused):
		return File{}, badinput.Errorf("%s cannot be read: %w", address, err)
	case err != nil:
		return File{}, err
	}
	return File{Name: address, Bytes: utf8Page(p)}, nil
}

// utf8Page is the body of a page, in UTF-8 if the server says that it is in another encoding.
func utf8Page(p *fetch.Page) []byte {
	kind := p.Header.Get("Content-Type")
	if !strings.Contains(kind, "charset") || !strings.HasPrefix(p.MediaType, "text/") {
		return p.Body
	}
	text, encoding := charset.DecodePage(p.Body, kind)
	if encoding == "" || encoding == charset.UTF8 {
		return p.Body
	}
	return []byte("\ufeff" + text) // whatever the page says of itself
}

// PrivateVariable is the environment variable by which a person allows pages of private networks.
const PrivateVariable = "ATELIER_FETCH_PRIVATE"

// working says what is being done.
func (e *Env) working(what string) {
	if e.Working != nil {
		e.Working(what, 0, 0)
	}
}

// document reads an input document.
func (e *Env) document(ctx context.Context, f File) (document.Document, error) {
	name := f.Name
	if isAddress(name) {
		name = pageName(name)
	}
	if e.PDF == nil || !document.IsPDF(f.Bytes) {
		return document.Read(f.Bytes, name)
	}
	pages, err := e.PDF(ctx, f.Bytes, func(pages int) {
		if e.Working != nil && pages > 0 {
			e.Working("reading "+path.Base(filepath.ToSlash(f.Name))+", pages:", pages, 0)
		}
	})
	switch {
	case errors.Is(err, badinput.Err):
		return document.Document{}, badinput.Errorf("%s: the PDF cannot be read: %w", f.Name, err)
	case err != nil:
		return document.Document{}, err
	}
	texts, skipped := make([]string, len(pages)), []string(nil)
	for i, p := range pages {
		if texts[i] = p.Text; p.Why != "" {
			skipped = append(skipped, fmt.Sprintf("page %d, which cannot be read", i+1))
		}
	}
	d, err := document.FromPages(texts, f.Name)
	d.Skipped = skipped
	return d, err
}

// pageName is a file name for an address.
func pageName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "page"
	}
	if base := path.Base(u.Path); base != "." && base != "/" {
		return base
	}
	return u.Hostname()
}
