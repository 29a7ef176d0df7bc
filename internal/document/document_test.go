package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// packed is a zip file of members and what is in them, in turns.
func packed(t testing.TB, members ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(members[i+1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	container = `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>`
	book      = `<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Book</dc:title></metadata>
		<manifest><item id="b" href="b.xhtml"/><item id="a" href="text/a.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>`
	word = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
		<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Findings</w:t></w:r></w:p>
		<w:p><w:r><w:t xml:space="preserve">Water </w:t></w:r><w:r><w:t>boils.</w:t></w:r></w:p>
		<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>One &amp; only</w:t></w:r></w:p></w:body></w:document>`
)

func word2(t testing.TB) []byte { return packed(t, "[Content_Types].xml", "<Types/>", wordBody, word) }

func epub(t testing.TB) []byte {
	return packed(t, "mimetype", "application/epub+zip", epubContainer, container, "OEBPS/book.opf", book,
		"OEBPS/text/a.xhtml", "<html><head><title>x</title></head><body><h1>One</h1><p>First   chapter.</p></body></html>",
		"OEBPS/b.xhtml", "<html><body><p>Second chapter.</p><pre>code</pre></body></html>")
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, title, text string
		bytes             []byte
	}{
		{"a.txt", "", "One line.\nAnother.", []byte("\xef\xbb\xbfOne line.\nAnother.\n")},
		{"latin1.txt", "", "Größe und Maß der Bäume in Köln.", []byte("Gr\xf6\xdfe und Ma\xdf der B\xe4ume in K\xf6ln.")},
		{"a.md", "Title", "# Title\n\nA *good* word and a link.\n\n- one\n\n- two",
			[]byte("# Title\n\nA \\*good\\* word and\na [link](https://example.org).\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n")},
		{"a.docx", "Findings", "# Findings\n\nWater boils.\n\n- One & only", word2(t)},
		{"a.epub", "A Book", "# One\n\nFirst chapter.\n\n\nSecond chapter.", epub(t)},
		{"a.html", "News", "It rained in May.", []byte("<!DOCTYPE html><title>News</title><nav>Menu</nav><script>x()</script><h1>News</h1><p>It rained\nin <b>May</b>.</p>")},
	} {
		d, err := Read(c.bytes, c.name)
		if err != nil || d.Title != c.title || d.Text != c.text {
			t.Errorf("%s: %q, %q, %v\nwant %q, %q", c.name, d.Title, d.Text, err, c.title, c.text)
		}
	}
}

// Marks that nest or never end take no more time than others.
// TestMarkdownLinks: a link may go over two lines, and a paragraph that is only one is no heading.
func TestMarkdownLinks(t *testing.T) {
	for text, want := range map[string]string{
		"See [the\nkiln](https://a.example/b) and **the\nfire**.\n": "See the kiln and the fire.",
		"# A\n\n[The kiln](a.md)\n\nIt burns.\n":                    "# A\n\n- The kiln\n\nIt burns.",
		"[The kiln](a.md) burns.\n":                                 "The kiln burns.",
		"- [The kiln](a.md)\n- two\n":                               "- The kiln\n\n- two",
		"## [The kiln](a.md)\n":                                     "# The kiln",
	} {
		if d, err := Read([]byte(text), "a.md"); err != nil || d.Text != want {
			t.Errorf("%q is read as %q, %v; want %q", text, d.Text, err, want)
		}
	}
}

func TestMarkdownIsLinear(t *testing.T) {
	for _, marks := range []string{"*a_ ", ">", "[", "![a](", "<a ", "`a", "- "} {
		if _, err := Read([]byte(strings.Repeat(marks, 200_000)+"\n\nA sentence.\n"), "a.md"); err != nil {
			t.Errorf("%q: %v", marks, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	bomb := packed(t, wordBody, "<a>"+strings.Repeat(" ", 2*mostText))
	for name, c := range map[string]struct {
		bytes []byte
		want  string
	}{
		"a.pdf":     {[]byte("%PDF-1.7\n"), "a PDF"},
		"a.rtf":     {[]byte("{\\rtf1\\ansi A sentence.}"), "a rich text document (RTF), which is not read; save it as text"},
		"piece.rtf": {[]byte("{\\pard \\ql A sentence.\\par}\n"), "a rich text document (RTF)"},
		"a.ps":      {[]byte("%!PS-Adobe-3.0\n"), "a PostScript document"},
		"a.doc":     {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Word document"},
		"a.png":     {[]byte("\x89PNG\r\n\x1a\n"), "image/png"},
		"a.zip":     {packed(t, "x", "y"), "an archive without a document"},
		"bomb":      {bomb, "more than 8 MiB"},
		"half":      {word2(t)[:200], "damaged or cut short"},
		"large":     {bytes.Repeat([]byte("Some words. "), mostText/10), "at most 8 MiB of text are read"},
		"cut.docx":  {packed(t, wordBody, word[:200]), "cannot be read"},
		"deep":      {packed(t, wordBody, strings.Repeat("<p>", 1200)+"<t>Text.</t>"+strings.Repeat("</p>", 1200)), "nested more than 1000 deep"},
		"bare.epub": {packed(t, epubContainer, container, "OEBPS/book.opf", book), "none of its 2 parts can be read, such as part 1 of the book: there is no file OEBPS/text/a.xhtml"},
		"no.epub":   {packed(t, epubContainer, container), "it has no OEBPS/book.opf"},
		"empty":     {[]byte(" \n"), "has no text"},
		"binary":    {[]byte("\x00\x01\x02\xff\xfe\x00"), "binary"},
	} {
		if _, err := Read(c.bytes, name); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// paragraph is one of a Word document.
func paragraph(style, text string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func wordOf(t testing.TB, body ...string) []byte {
	return packed(t, wordBody, `<w:document xmlns:w="w"><w:body>`+strings.Join(body, "")+`</w:body></w:document>`)
}

// Tables and code of a Word document are left out, unless it has next to nothing else; headings have numbers,
// and an empty one leaves what follows as it is.
func TestWordTables(t *testing.T) {
	table := `<w:tbl><w:tr><w:tc>` + paragraph("Compact", "3.479 of the table that is not small") + `<w:tbl><w:tr><w:tc>` + paragraph("", "inner") + `</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>`
	code := paragraph("SourceCode", "train --all") + paragraph("HTMLPreformatted", "x := 1")
	heading := strings.Replace(paragraph("Heading2", "Part"), "</w:pPr>", "<w:numPr/></w:pPr>", 1)
	for want, body := range map[string][]string{
		"Before.\n\n# Part\n\nAfter.": {paragraph("", "Before."), table, code, heading, paragraph("Heading1", ""), paragraph("", "After.")},
		"# Me\n\n3.479 of the table that is not small\n\ninner\n\ntrain --all\n\nx := 1": {paragraph("Title", "Me"), table, code},
	} {
		if d, err := Read(wordOf(t, body...), "a.docx"); err != nil || d.Text != want {
			t.Errorf("%q, %v\nwant %q", d.Text, err, want)
		}
	}
}

// What limits a document is its text and not its markup, which is bounded as well.
func TestMuchMarkup(t *testing.T) {
	run := `<w:r><w:rPr><w:rFonts w:ascii="` + strings.Repeat("Font", 8000) + `"/></w:rPr><w:t>Word. </w:t></w:r>`
	d, err := Read(wordOf(t, "<w:p>", strings.Repeat(run, 300), "</w:p>"), "a.docx")
	if err != nil || d.Text != strings.TrimSpace(strings.Repeat("Word. ", 300)) {
		t.Errorf("%d bytes of text, %v", len(d.Text), err)
	}
	chapter := "<p>First chapter.</p><p class='" + strings.Repeat("x", mostText/2) + "'></p>"
	many := strings.Replace(book, `<spine>`, `<spine><itemref idref="b"/><itemref idref="b"/>`, 1)
	if d, err = Read(packed(t, epubContainer, container, "OEBPS/book.opf", many, "OEBPS/b.xhtml", chapter), "a.epub"); err != nil || strings.Count(d.Text, "First") != 3 {
		t.Errorf("%.80q, %v", d.Text, err)
	}
	text := strings.Repeat("<t>"+strings.Repeat("Some words. ", 1000)+"</t>", mostText/12000+2)
	for name, b := range map[string][]byte{
		"a.docx": packed(t, wordBody, "<p>"+text+"</p>"),
		"a.epub": packed(t, epubContainer, container, "OEBPS/book.opf", many, "OEBPS/b.xhtml", strings.Repeat("Some words. ", mostText/24)),
	} {
		if _, err := Read(b, name); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "more than 8 MiB of text") {
			t.Errorf("%s: %v", name, err)
		}
	}
	decoder := xml.NewDecoder(&bounded{Reader: strings.NewReader(strings.Repeat("<a></a>", 10000)), left: 60_000})
	for err = nil; err == nil; _, err = decoder.Token() {
	}
	if !strings.Contains(err.Error(), "more than 128 MiB once unpacked") {
		t.Error(err)
	}
}

// A book is read without the chapters that are missing.
func TestDamagedBook(t *testing.T) {
	d, err := Read(packed(t, epubContainer, container, "OEBPS/book.opf", strings.Replace(book, `<spine>`, `<spine><itemref idref="c"/>`, 1),
		"OEBPS/b.xhtml", "<p>Second chapter.</p>"), "a.epub")
	want := []string{"part 1 of the book: there is no file c", "part 2 of the book: there is no file OEBPS/text/a.xhtml"}
	if err != nil || d.Text != "Second chapter." || !slices.Equal(d.Skipped, want) {
		t.Errorf("%q, %q, %v\nwant %q", d.Text, d.Skipped, err, want)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range [][]byte{[]byte("# a\n- b\n"), []byte("<html><p>a<li>b"), word2(f), epub(f)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range []string{"a", "a.md", "a.html"} {
			if d, err := Read(b, name); err == nil && d.Text == "" {
				t.Error("no text and no error")
			}
		}
	})
}

// Lines of pages become paragraphs without running heads, page numbers and divided words.
func TestFromPages(t *testing.T) {
	var pages []string
	for i, year := range []string{"of the flood", "of the war", "of the plague", "of the king", "of the great frost"} {
		pages = append(pages, fmt.Sprintf("A paper\r\nRice has been grown in the valley since the year %s and is soaked be-\r\nfore it is milled by the people who live near the old mill, who own\r\nit.\r\nThe last sentence of the page goes on with more words %s, and\r\n%d", year, year, i+1))
	}
	pages = append(pages, "A paper\r\n水稻生長在山谷裡面，已經有很長的一段時間了，人們住在那個老舊的磨坊附近而且還擁有它，所以他們也把水稻\r\n磨成米。\r\nsoft\ufffe\r\nhyphen\x02s\r\n6")
	d, err := FromPages(pages, "a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(d.Text, "\n\n")
	for i, want := range map[int]string{
		0:            "Rice has been grown in the valley since the year of the flood and is soaked before it is milled by the people who live near the old mill, who own it.",
		1:            "The last sentence of the page goes on with more words of the flood, and Rice has been grown in the valley since the year of the war and is soaked before it is milled by the people who live near the old mill, who own it.",
		len(all) - 1: "softhyphens",
	} {
		if all[i] != want {
			t.Errorf("paragraph %d is %q, want %q", i, all[i], want)
		}
	}
	if !strings.Contains(d.Text, "所以他們也把水稻磨成米。") || strings.Contains(d.Text, "A paper") {
		t.Errorf("%q", d.Text)
	}
	if _, err := FromPages([]string{"", " \x00"}, "scan.pdf"); !errors.Is(err, badinput.Err) || err.Error() != "scan.pdf: the PDF has no text: its pages may be pictures, which are not read" {
		t.Error(err)
	}
	if !IsPDF([]byte("%PDF-1.7")) || !IsPDF([]byte("\n%PDF-1.7")) || IsPDF(nil) || IsPDF([]byte("a %PDF-")) {
		t.Error("PDF files are told from others wrongly")
	}
}

func FuzzFromPages(f *testing.F) {
	f.Add("A line.\r\nAn-\nother", "\xff\ufffe\n\n-")
	f.Fuzz(func(t *testing.T, a, b string) {
		if d, err := FromPages([]string{a, b, a, b, a}, "a"); err == nil && d.Text == "" {
			t.Error("no text and no error")
		}
	})
}
