package page

import (
	"bytes"
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// markdown reads Markdown of models and of people. HTML in it is shown as the text that it is, and
// nothing that a page would fetch: of a picture its description is shown.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	blocks := slices.DeleteFunc(parser.DefaultBlockParsers(), func(p util.PrioritizedValue) bool { return p.Value == parser.NewHTMLBlockParser() })
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(parser.WithBlockParsers(blocks...),
			parser.WithInlineParsers(parser.DefaultInlineParsers()...), parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))),
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.Strikethrough, extension.Linkify),
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
	r.Register(ast.KindRawHTML, asText)
	r.Register(ast.KindCodeBlock, code)
	r.Register(ast.KindFencedCodeBlock, code)
	r.Register(tables.KindTable, around(`<div class="scroll" tabindex="0"><table>`+"\n", "</table></div>\n"))
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

// asText writes HTML as text, but for the break of a line, for which Markdown has no mark in a table.
func asText(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	switch text := string(n.(*ast.RawHTML).Segments.Value(source)); text {
	case "<br>", "<br/>", "<br />":
		w.WriteString("<br>")
	default:
		w.WriteString(template.HTMLEscapeString(text))
	}
	return ast.WalkContinue, nil
}

// code writes a block of code, which scrolls by itself, by keyboard too.
func code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(`<pre tabindex="0"><code>` + template.HTMLEscapeString(string(n.Lines().Value(source))) + "</code></pre>\n")
	}
	return ast.WalkContinue, nil
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
