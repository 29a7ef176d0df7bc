package source

import (
	"context"
	"errors"

	"atelier/data"
	"atelier/internal/fetch"
)

// wrongType is the reason for content that differs from its declared type.
const wrongType = "wrong type"

// fetchItem fetches the address of an Item and fills it in. What cannot or must not be used is a
// [*data.Drop]; any other error is that of ctx.
func fetchItem(ctx context.Context, c *fetch.Client, it *data.Item) error {
	page, err := c.Get(ctx, it.Name)
	if err != nil {
		return refused(err)
	}
	it.Origin.Collected = now()
	return taken(it, page)
}

// refused converts a refusal to a drop.
func refused(err error) error {
	var r *fetch.Refusal
	if errors.As(err, &r) {
		return &data.Drop{Reason: r.Reason, Detail: r.Detail}
	}
	return err
}

// taken puts a page into an Item, unless its rights or its bytes forbid it.
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
