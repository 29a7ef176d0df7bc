package source

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"atelier/internal/fetch"
	"atelier/internal/licence"
)

// links are the links of a page, and what the page states about its rights.
type links struct {
	Pages    []string
	Pictures []picture
	Licence  string
}

// A picture is one on a page, with its alternative text.
type picture struct{ Address, Words string }

// Attributes with the address of a lazily loaded picture, in preference to its placeholder.
var (
	pictureSets = []string{"srcset", "data-srcset", "data-lazy-srcset"}
	pictureAts  = []string{"data-src", "data-lazy-src", "data-original", "src"}
)

// maxLinks is the largest number of links and of pictures taken from one page.
const maxLinks = 10_000

// readLinks walks through a page.
func readLinks(p *fetch.Page) links {
	var l links
	base := p.URL
	z := html.NewTokenizer(bytes.NewReader(p.Body))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return l
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			a := attributes(t)
			if t.Data == "base" {
				if to, err := p.URL.Parse(a["href"]); err == nil {
					base = to
				}
			}
			l.element(t.Data, a, base)
		}
	}
}

func attributes(t html.Token) map[string]string {
	a := map[string]string{}
	for _, at := range t.Attr {
		if _, twice := a[at.Key]; !twice {
			a[at.Key] = strings.TrimSpace(at.Val)
		}
	}
	return a
}

// element records the links and rights in one element.
func (l *links) element(tag string, a map[string]string, base *url.URL) {
	rel := strings.Fields(strings.ToLower(a["rel"]))
	has := func(word string) bool {
		for _, r := range rel {
			if r == word {
				return true
			}
		}
		return false
	}
	switch tag {
	case "a", "area", "link":
		to := resolve(base, a["href"])
		if to != "" && has("license") && l.Licence == "" {
			l.Licence = licence.Normalise(to)
		}
		if to != "" && tag != "link" && !has("nofollow") && !has("license") && len(l.Pages) < maxLinks {
			l.Pages = append(l.Pages, to)
		}
	case "img":
		l.picture(pictureAt(base, a), a["alt"])
	case "meta":
		switch strings.ToLower(a["name"] + a["property"]) {
		case "og:image", "og:image:url", "og:image:secure_url", "twitter:image":
			l.picture(resolve(base, a["content"]), "")
		case "license", "licence", "dc.rights", "dcterms.license", "dc.license", "copyright", "rights":
			if l.Licence == "" {
				l.Licence = licence.Normalise(a["content"])
			}
		}
	}
}

// picture records the address of a picture, unless it is empty or already known with a text.
func (l *links) picture(address, words string) {
	i := slices.IndexFunc(l.Pictures, func(p picture) bool { return p.Address == address })
	switch {
	case address == "" || len(l.Pictures) >= maxLinks:
	case i < 0:
		l.Pictures = append(l.Pictures, picture{address, words})
	case l.Pictures[i].Words == "":
		l.Pictures[i].Words = words
	}
}

// pictureAt is the address of an image element: that of its largest size, or else the lazily loaded
// one, or else src.
func pictureAt(base *url.URL, a map[string]string) string {
	for _, name := range pictureSets {
		if to := resolve(base, largest(a[name])); to != "" {
			return to
		}
	}
	for _, name := range pictureAts {
		if to := resolve(base, a[name]); to != "" {
			return to
		}
	}
	return ""
}

// largest is the link of a srcset with the greatest width or density.
func largest(srcset string) (link string) {
	most := -1.0
	for rest := strings.TrimSpace(srcset); rest != ""; {
		var candidate, descriptor string
		if at := strings.IndexAny(rest, " \t\r\n\f"); at < 0 {
			candidate, rest = rest, ""
		} else {
			candidate, rest = rest[:at], rest[at:]
		}
		if !strings.HasSuffix(candidate, ",") {
			descriptor, rest, _ = strings.Cut(rest, ",")
		}
		candidate = strings.Trim(candidate, ",")
		size := 1.0
		if d := strings.TrimSpace(descriptor); d != "" {
			size, _ = strconv.ParseFloat(d[:len(d)-1], 64)
		}
		if candidate != "" && size > most {
			link, most = candidate, size
		}
		rest = strings.TrimLeft(rest, ", \t\r\n\f")
	}
	return link
}

// resolve returns the absolute address of a link, or empty if it is invalid.
func resolve(base *url.URL, link string) string {
	if link == "" || len(link) > 4096 {
		return ""
	}
	to, err := base.Parse(link)
	if err != nil {
		return ""
	}
	if to, err = fetch.Parse(to.String()); err != nil {
		return ""
	}
	return to.String()
}
