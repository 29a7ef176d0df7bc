package fetch

import (
	"bytes"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

// Rights are a page's reservations: why its text, its pictures and its links must not be used, nil
// where they may be.
type Rights struct{ Text, Images, Links *Refusal }

// all reserves text and pictures.
func (r *Rights) all(why *Refusal) { r.Text, r.Images = first(r.Text, why), first(r.Images, why) }

func first(a, b *Refusal) *Refusal {
	if a != nil {
		return a
	}
	return b
}

// rightsOf reads the reservations in the headers and, for HTML, in the head of a page.
func rightsOf(p *Page) Rights {
	var r Rights
	for _, value := range p.Header.Values("X-Robots-Tag") {
		r.directives(forUs(value), ByRobotsTag, p)
	}
	for _, field := range []string{contentSignal, contentUsage} {
		if allowed, said := training(strings.Join(p.Header.Values(field), ",")); said && !allowed {
			r.all(refuse(ByUsage, "%s says %s: %s", p.URL, http.CanonicalHeaderKey(field), p.Header.Get(field)))
		}
	}
	if strings.TrimSpace(p.Header.Get("Tdm-Reservation")) == "1" {
		r.all(refuse(ByTDMHeader, "%s opts out of text and data mining", p.URL))
	}
	if p.MediaType == "text/html" || p.MediaType == "application/xhtml+xml" {
		r.head(p)
	}
	return r
}

// directives applies words such as noindex.
func (r *Rights) directives(words []string, by string, p *Page) {
	for _, word := range words {
		why := refuse(by, "%s says %s", p.URL, word)
		switch word {
		case "noai", "noindex":
			r.all(why)
		case "none":
			r.all(why)
			r.Links = first(r.Links, why)
		case "noimageai", "noimageindex":
			r.Images = first(r.Images, why)
		case "nofollow":
			r.Links = first(r.Links, why)
		}
	}
}

// forUs returns the directives of an X-Robots-Tag, or none if they address another robot:
// "otherbot: noindex, nofollow".
func forUs(value string) (words []string) {
	for part := range strings.SplitSeq(strings.ToLower(value), ",") {
		part = strings.TrimSpace(part)
		if name, word, ok := strings.Cut(part, ":"); ok && !strings.HasPrefix(name, "max-") && name != "unavailable_after" {
			if name = strings.TrimSpace(name); name != Agent && name != "*" {
				return words
			}
			part = strings.TrimSpace(word)
		}
		words = append(words, part)
	}
	return words
}

// head reads the meta elements of a page up to the end of its head.
func (r *Rights) head(p *Page) {
	z := html.NewTokenizer(bytes.NewReader(p.Body))
	z.SetMaxBuf(1 << 20)
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) == "body" {
				return
			}
			if string(name) == "meta" && more {
				r.meta(z, p)
			}
		}
	}
}

func (r *Rights) meta(z *html.Tokenizer, p *Page) {
	var name, content string
	for more := true; more; {
		var key, value []byte
		switch key, value, more = z.TagAttr(); string(key) {
		case "name":
			name = strings.ToLower(strings.TrimSpace(string(value)))
		case "content":
			content = strings.ToLower(strings.TrimSpace(string(value)))
		}
	}
	switch name {
	case "robots", Agent:
		r.directives(strings.FieldsFunc(content, func(c rune) bool { return c == ',' || c == ' ' }), ByMeta, p)
	case ByTDMHeader:
		if content == "1" {
			r.all(refuse(ByTDMHeader, "%s opts out of text and data mining", p.URL))
		}
	}
}
