package document

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"atelier/internal/charset"
)

// mostElements is the largest number of elements of a page that is searched for an article.
const mostElements = 100_000

// mostNested is how deep the library reads nested elements.
const mostNested = 512

func isHTML(b []byte, name string) bool {
	return named(name, ".html", ".htm", ".xhtml") || strings.HasPrefix(http.DetectContentType(b), "text/html")
}

// readHTML reads the article of a page, without menus, as found by Mozilla's Readability, or all of
// its text if there is none.
func readHTML(b []byte) (d Document, err error) {
	defer func() {
		if r := recover(); r != nil { // foreign bytes may crash the library
			err = fmt.Errorf("%v", r)
		}
	}()
	page, encoding := charset.DecodePage(b, "")
	if encoding == "" {
		return d, fmt.Errorf("it is in an unknown encoding")
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil { // memory holds no other fault
		return d, fmt.Errorf("its elements are nested too deep, more than %d", mostNested)
	}
	whole := Document{Title: titleOf(root), Text: plain(root)}
	reader := readability.NewParser()
	reader.MaxElemsToParse = mostElements
	found, err := reader.ParseAndMutate(root, &url.URL{})
	if err != nil || found.Node == nil {
		return whole, nil
	}
	d = Document{Title: found.Title(), Text: plain(found.Node)}
	if len(d.Text) < len(whole.Text)/10 { // the page is not an article
		return whole, nil
	}
	return d, nil
}

func titleOf(n *html.Node) string {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.DataAtom == atom.Title && c.FirstChild != nil {
			return strings.Join(strings.Fields(c.FirstChild.Data), " ")
		}
	}
	return ""
}

// How elements affect the text within them.
var (
	hidden = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Head: true, atom.Template: true, atom.Noscript: true, atom.Svg: true,
		atom.Nav: true, atom.Pre: true}
	blocks = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Main: true, atom.Ul: true, atom.Ol: true,
		atom.Blockquote: true, atom.Tr: true, atom.Table: true, atom.Figure: true, atom.Figcaption: true, atom.Dd: true, atom.Dt: true, atom.Header: true, atom.Footer: true}
	headings = map[atom.Atom]bool{atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true}
)

// plain is the text of an HTML tree: a paragraph per block.
func plain(root *html.Node) string {
	var p prose
	var visit func(n *html.Node, depth int)
	visit = func(n *html.Node, depth int) {
		if n.Type == html.TextNode {
			p.add(n.Data)
		}
		if n.Type == html.ElementNode && hidden[n.DataAtom] || depth > 500 {
			return
		}
		switch {
		case headings[n.DataAtom]:
			p.begin("# ")
		case n.DataAtom == atom.Li:
			p.begin("- ")
		case blocks[n.DataAtom]:
			p.begin("")
		case n.DataAtom == atom.Br, n.DataAtom == atom.Td, n.DataAtom == atom.Th:
			p.add(" ")
		}
		for c := range n.ChildNodes() {
			visit(c, depth+1)
		}
		if headings[n.DataAtom] || blocks[n.DataAtom] || n.DataAtom == atom.Li {
			p.begin("")
		}
	}
	visit(root, 0)
	return p.String()
}

// prose collects paragraphs separated by blank lines.
type prose struct {
	out       bytes.Buffer
	paragraph strings.Builder
	mark      string
}

// begin ends the paragraph and begins one with a prefix.
func (p *prose) begin(mark string) {
	if text := strings.Join(strings.Fields(p.paragraph.String()), " "); text != "" {
		p.out.WriteString(p.mark + text + "\n\n")
		p.mark = ""
	}
	p.paragraph.Reset()
	if mark != "" || p.mark == "" {
		p.mark = mark
	}
}

func (p *prose) add(text string) {
	if !p.full() {
		p.paragraph.WriteString(text)
	}
}

// full reports whether there is as much text as is read.
func (p *prose) full() bool { return p.out.Len()+p.paragraph.Len() >= mostText }

func (p *prose) String() string {
	p.begin("")
	return p.out.String()
}
