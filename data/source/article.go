package source

import (
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"codeberg.org/readeck/go-readability/v2/render"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	netcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/charset"
	"atelier/internal/fetch"
)

// maxElements is how many elements a page may have of which the text is looked for.
const maxElements = 100_000

// article makes a text of a page: its title and what it is about, without menus
// and advertisements, as Mozilla's Readability finds it.
func article(it *data.Item, p *fetch.Page) (err error) {
	defer func() {
		if r := recover(); r != nil { // whatever foreign bytes do to the library costs that page alone
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

// pageText is a page in UTF-8, whatever its server, the page itself or its bytes say that
// it is in.
func pageText(p *fetch.Page) (string, *data.Drop) {
	_, said, certain := netcharset.DetermineEncoding(p.Body, p.Header.Get("Content-Type"))
	if !certain {
		said = ""
	}
	text, encoding := charset.Decode(p.Body, said)
	if encoding == "" {
		return "", data.Dropf("unknown encoding", "%s is in no encoding that is known", p.URL)
	}
	return text, nil
}

// prune takes out of a page what its elements say is not the text: menus, what stands
// beside and below the text, and tables of data. It returns the headings that are left.
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

// isData reports whether a table has heads, as those that only lay out a page have not.
func isData(table *html.Node) bool {
	for n := range table.Descendants() {
		if n.DataAtom == atom.Th || n.DataAtom == atom.Thead || n.DataAtom == atom.Caption {
			return true
		}
	}
	return false
}

// plainTitle is a title without the name of the site: the heading that it begins with.
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
