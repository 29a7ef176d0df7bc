package page

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// markdown reads Markdown of models and of people. HTML in it is left out, and so is everything
// that a page would fetch: of a picture its description is shown.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), extension.Strikethrough),
		goldmark.WithRendererOptions(html.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(guarded{}, 1))))
})

// formatted is a Markdown text as a page shows it.
func formatted(text string) (template.HTML, error) {
	var b bytes.Buffer
	err := markdown().Convert([]byte(text), &b)
	return template.HTML(b.String()), err // made of escaped text
}

// guarded renders what the page has its own rules for.
type guarded struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (guarded) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, around("<p><strong>", "</strong></p>\n")) // the headings are those of the page
	r.Register(ast.KindImage, around("", ""))
	r.Register(ast.KindRawHTML, leftOut)
	r.Register(ast.KindHTMLBlock, leftOut)
	r.Register(ast.KindLink, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		return link(w, string(n.(*ast.Link).Destination), "", entering), nil
	})
	r.Register(ast.KindAutoLink, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		a := n.(*ast.AutoLink)
		return link(w, string(a.URL(source)), string(a.Label(source)), entering), nil
	})
}

// around writes something before and after what is in a node.
func around(before, after string) renderer.NodeRendererFunc {
	return func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			w.WriteString(before)
		} else {
			w.WriteString(after)
		}
		return ast.WalkContinue, nil
	}
}

func leftOut(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

// link writes the beginning or the end of a link to the web; of others, such as those to files of
// the writer, only the words are shown.
func link(w util.BufWriter, to, words string, entering bool) ast.WalkStatus {
	web := strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://")
	switch {
	case entering && web:
		w.WriteString(`<a href="` + template.HTMLEscapeString(to) + `" target="_blank" rel="noopener noreferrer">` + template.HTMLEscapeString(words))
	case entering:
		w.WriteString(template.HTMLEscapeString(words))
	case web:
		w.WriteString("</a>")
	}
	return ast.WalkContinue
}
