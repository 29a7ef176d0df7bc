package source

import (
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"codeberg.org/readeck/go-readability/v2/render"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/charset"
	"atelier/internal/fetch"
)

// maxElements is the largest number of elements of a page that is searched for its text.
const maxElements = 100_000

// article extracts the text of a page: its title and main content, without menus and
// advertisements, as found by Mozilla's Readability.
func article(it *data.Item, p *fetch.Page) (err error) {
	defer func() {
		if r := recover(); r != nil { // if foreign bytes crash the library, only this page is lost
			err = data.Dropf("unreadable", "%s: %v", p.URL, r)
		}
	}()
	page, drop := pageText(p)
	if drop != nil {
		return drop
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return data.Dropf("no text", "%s: %v", p.URL, err)
	}
	headings := prune(doc)
	reader := readability.NewParser()
	reader.MaxElemsToParse = maxElements
	found, err := reader.ParseAndMutate(doc, p.URL)
	switch {
	case err != nil:
		return data.Dropf("no text", "%s: %v", p.URL, err)
	case found.Node == nil:
		return data.Dropf("no text", "%s holds nothing but menus", p.URL)
	}
	var text strings.Builder
	if err := found.RenderText(&text); err != nil {
		return data.Dropf("no text", "%s: %v", p.URL, err)
	}
	body := strings.TrimSpace(norm.NFC.String(text.String()))
	if body == "" {
		return data.Dropf("no text", "%s holds nothing but menus", p.URL)
	}
	if title := plainTitle(found.Title(), headings); title != "" && !strings.HasPrefix(body, title) {
		body = title + "\n\n" + body
	}
	if author := strings.TrimSpace(found.Byline()); it.Origin.Creator == "" && len(author) <= maxCredit {
		it.Origin.Creator = author
	}
	it.MediaType, it.Bytes = utf8Type, []byte(body)
	if it.Origin.Licence == "" {
		it.Origin.Licence = readLinks(p).Licence
	}
	return nil
}

// pageText converts a page to UTF-8 from the encoding that its server, its bytes or the page itself
// declares.
func pageText(p *fetch.Page) (string, *data.Drop) {
	text, encoding := charset.DecodePage(p.Body, p.Header.Get("Content-Type"))
	if encoding == "" {
		return "", data.Dropf("unknown encoding", "%s is in an unknown encoding", p.URL)
	}
	return text, nil
}

// prune removes elements that are not part of the text: menus, sidebars, footers and data tables.
// It returns the remaining headings.
func prune(doc *html.Node) (headings []string) {
	var visit func(n *html.Node, inText bool)
	visit = func(n *html.Node, inText bool) {
		for c, next := n.FirstChild, (*html.Node)(nil); c != nil; c = next {
			next = c.NextSibling
			switch c.DataAtom {
			case atom.Nav:
				n.RemoveChild(c)
				continue
			case atom.Footer, atom.Aside:
				if !inText {
					n.RemoveChild(c)
					continue
				}
			case atom.Table:
				if isData(c) {
					n.RemoveChild(c)
					continue
				}
			case atom.H1, atom.H2, atom.H3:
				headings = append(headings, strings.Join(strings.Fields(render.InnerText(c)), " "))
			}
			visit(c, inText || c.DataAtom == atom.Article || c.DataAtom == atom.Main || c.DataAtom == atom.Blockquote)
		}
	}
	visit(doc, false)
	return headings
}

// isData reports whether a table has header cells, which layout tables lack.
func isData(table *html.Node) bool {
	for n := range table.Descendants() {
		if n.DataAtom == atom.Th || n.DataAtom == atom.Thead || n.DataAtom == atom.Caption {
			return true
		}
	}
	return false
}

// plainTitle is the title without the name of the site: the heading that it begins with.
func plainTitle(title string, headings []string) string {
	title = strings.TrimSpace(title)
	for _, h := range headings {
		if h = strings.TrimRight(h, "¶# "); h == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(title, h); ok && strings.IndexAny(rest, " |-–—:·") == 0 {
			return h
		}
	}
	return title
}
