package source

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/markusmobius/go-trafilatura"

	"atelier/data"
	"atelier/internal/fetch"
)

// wrongType is the reason for what is not what its server says.
const wrongType = "wrong type"

// fetchItem fetches what an Item is named for and fills it in. What cannot or must
// not be taken is a [*data.Drop]; any other error is that of ctx.
func fetchItem(ctx context.Context, c *fetch.Client, it *data.Item) error {
	page, err := c.Get(ctx, it.Name)
	if err != nil {
		return refused(err)
	}
	it.Origin.Collected = now()
	return taken(it, page)
}

// refused is the drop that a refusal is.
func refused(err error) error {
	var r *fetch.Refusal
	if errors.As(err, &r) {
		return &data.Drop{Reason: r.Reason, Detail: r.Detail}
	}
	return err
}

// taken puts a page into an Item, unless its rights or its bytes speak against it.
func taken(it *data.Item, p *fetch.Page) error {
	sniffed := typeOfBytes(p.Body)
	reserved := p.Rights.Text
	if kindOf(sniffed) == pictures || kindOf(p.MediaType) == pictures {
		reserved = p.Rights.Images
	}
	if len(p.Body) == 0 {
		return data.Dropf("empty", "%s has no bytes", p.URL)
	}
	switch {
	case reserved != nil:
		return refused(reserved)
	case kindOf(p.MediaType) == pictures && kindOf(sniffed) != pictures:
		return data.Dropf(wrongType, "%s says %s, which its bytes are not", p.URL, p.MediaType)
	case sniffed != "":
		it.MediaType, it.Bytes = sniffed, p.Body
		credit(&it.Origin, p.Body)
	case isHTML(p):
		return article(it, p)
	case kindOf(p.MediaType) == texts:
		it.MediaType, it.Bytes = typeOfText(p.Body), p.Body
	default:
		return data.Dropf("unknown kind", "%s says %s; pictures, texts, pages and MIDI are taken", p.URL, p.MediaType)
	}
	return nil
}

func isHTML(p *fetch.Page) bool {
	return p.MediaType == "text/html" || p.MediaType == "application/xhtml+xml"
}

// article makes a text of a page: its title and what it is about, without menus
// and advertisements, as go-trafilatura finds it (Barbaresi 2021, ACL demo 15).
func article(it *data.Item, p *fetch.Page) (err error) {
	defer func() {
		if r := recover(); r != nil { // whatever foreign bytes do to the library costs that page alone
			err = data.Dropf("unreadable", "%s: %v", p.URL, r)
		}
	}()
	found, err := trafilatura.Extract(bytes.NewReader(p.Body), trafilatura.Options{
		OriginalURL: p.URL, ExcludeComments: true, ExcludeTables: true, Deduplicate: false,
	})
	if err != nil {
		return data.Dropf("no text", "%s: %v", p.URL, err)
	}
	body := strings.TrimSpace(found.ContentText)
	if body == "" {
		return data.Dropf("no text", "%s holds nothing but menus", p.URL)
	}
	if title := strings.TrimSpace(found.Metadata.Title); title != "" && !strings.HasPrefix(body, title) {
		body = title + "\n\n" + body
	}
	if it.Origin.Creator == "" && len(found.Metadata.Author) <= maxCredit {
		it.Origin.Creator = found.Metadata.Author
	}
	it.MediaType, it.Bytes = utf8Type, []byte(body)
	look := readLinks(p)
	if it.Origin.Licence == "" {
		it.Origin.Licence = look.Licence
	}
	return nil
}
