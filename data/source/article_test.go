package source

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"atelier/data"
	"atelier/internal/fetch"
)

// articleOf is what is taken of a page.
func articleOf(page []byte, header http.Header) (data.Item, error) {
	var it data.Item
	address := &url.URL{Scheme: "http", Host: "example.org", Path: "/page"}
	err := article(&it, &fetch.Page{URL: address, MediaType: "text/html", Header: header, Body: page})
	return it, err
}

// The text of a page is taken whole, and what stands around it is not.
func TestArticles(t *testing.T) {
	for name, c := range map[string]struct {
		title, creator string
		keep, gone     []string
	}{
		"blog": {"Why I still bind my own notebooks", "Ines Varga",
			[]string{"sixty sheets", "neither of them is thrift", "The paper decides", "Laid paper takes", "a room that you build", "read again."},
			[]string{"archive", "Lovely article", "linen tapes that", "sharpen an awl", "rights reserved", "Leave a reply"}},
		"news": {"Harbour bridge reopens after two years", "Tomas Lind",
			[]string{"at 5.42", "shipworm over", "Maren Dahl", "18 tonnes", "brass band"},
			[]string{"Weather", "cookies", "social media", "What shipworms eat", "newsletter", "press council"}},
		"wiki": {"Kiln", "",
			[]string{"insulated chamber", "used for millennia", "History", "Yarim Tepe", "portland cement", "hops and malt"},
			[]string{"Log in", "1400 degrees", "Furnaces", "last edited"}},
		"forum": {"Glaze crawls on bisque", "",
			[]string{"crawls away", "same bucket", "specific gravity", "whole shelf", "at 1.62"},
			[]string{"Board index", "Next", "browsing this forum"}},
		"docs": {"Backups", "",
			[]string{"a read lock", "lathe backup --to /mnt/disk --keep 7\nlathe restore", "never deleted", "its checksum", "not encrypted"},
			[]string{"Quick start", "Sphinx", "¶"}},
		"recipe": {"Roggenbrot mit Sauerteig", "",
			[]string{"braucht zwei Tage", "Type 1150", "gefettete Form", "fünfzig Minuten", "Krume"},
			[]string{"Alle Rezepte", "Sehr lecker", "Impressum"}},
		"tables": {"The ferryman's tale", "",
			[]string{"instead of a coin", "a stone that was warm", "the wolves"},
			[]string{"Guestbook", "visitor number"}},
		"chinese": {"老窑重新点火", "",
			[]string{"停了三十年", "建于明代", "捉过迷藏", "三天三夜"},
			[]string{"登录", "网友评论", "版权所有"}},
		"short": {"Closed on Monday", "",
			[]string{"the roof is mended", "Tuesday at ten"}, []string{"Opening hours", "Mill Street"}},
		"magazine": {"Les jardins du canal", "",
			[]string{"usine à gaz", "Les bouleaux", "deux chèvres", "trois cent douze"},
			[]string{"Abonnez-vous", "loutres", "Mentions"}},
	} {
		page, err := os.ReadFile(filepath.Join("testdata", "pages", name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		it, err := articleOf(page, nil)
		text := string(it.Bytes)
		if err != nil || !strings.HasPrefix(text, c.title) || it.Origin.Creator != c.creator {
			t.Errorf("%s: %v, creator %q\n%s", name, err, it.Origin.Creator, text)
		}
		for _, k := range c.keep {
			if !strings.Contains(text, k) {
				t.Errorf("%s: lacks %q", name, k)
			}
		}
		for _, g := range c.gone {
			if strings.Contains(text, g) {
				t.Errorf("%s: has %q", name, g)
			}
		}
	}
}

// A page is read in the encoding that it says it is in, or else in the one that it is in.
func TestPageEncodings(t *testing.T) {
	for said, c := range map[string]struct {
		in   encoding.Encoding
		text string
	}{
		`<meta charset="shift_jis">`: {japanese.ShiftJIS, "窯に火を入れるのは三十年ぶりのことである。村の老人たちは夜明け前から座って待っていた。"},
		`<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">`: {charmap.Windows1252, "Der Töpfer stellt die Krüge in den großen Ofen und heizt ihn über Nacht mit Buchenholz."},
		"": {simplifiedchinese.GBK, "停了三十年的龙窑昨天重新点火。天还没有亮，村里的老人就坐在窑门前，看着第一捆松枝送进火膛。"},
	} {
		page := "<html><head>" + said + "<title>T</title></head><body><p>" + strings.Repeat(c.text, 5) + "</p></body></html>"
		b, err := c.in.NewEncoder().String(page)
		if err != nil {
			t.Fatal(err)
		}
		if it, err := articleOf([]byte(b), nil); err != nil || !strings.Contains(string(it.Bytes), c.text) {
			t.Errorf("%s: %v %s", said, err, it.Bytes)
		}
	}
	b, _ := charmap.ISO8859_2.NewEncoder().String("<title>T</title><p>" + strings.Repeat("Žluťoučký kůň úpěl ďábelské ódy. ", 9))
	if it, err := articleOf([]byte(b), http.Header{"Content-Type": {"text/html; charset=iso-8859-2"}}); err != nil || !strings.Contains(string(it.Bytes), "Žluťoučký") {
		t.Error(err, string(it.Bytes))
	}
}

// A page that is made to do harm costs itself alone.
func TestHostilePages(t *testing.T) {
	for name, page := range map[string]string{
		"deep":   strings.Repeat("<div>", 100_000) + strings.Repeat("a text, ", 100),
		"tables": strings.Repeat("<table><tr><td>", 5_000) + strings.Repeat("a text, ", 100),
		"wide":   strings.Repeat("<p>a", 250_000),
		"empty":  "<html></html>",
	} {
		if it, err := articleOf([]byte(page), nil); err == nil && name != "tables" || err != nil && !isDrop(err) {
			t.Errorf("%s: %v, %d bytes", name, err, len(it.Bytes))
		}
	}
}
