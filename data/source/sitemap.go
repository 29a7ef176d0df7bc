package source

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/url"
	"strings"

	"atelier/internal/fetch"
)

// maxSitemaps is the largest number of sitemaps read from a site.
const maxSitemaps = 100

// readSitemaps returns at most n pages from the sitemaps of a site (sitemaps.org), each once and
// only on allowed hosts. A sitemap that cannot be fetched is skipped; an error is that of ctx.
func readSitemaps(ctx context.Context, c *fetch.Client, start *url.URL, most int) ([]string, error) {
	pages := []string{}
	files, err := c.Sitemaps(ctx, start.String())
	asked := map[string]bool{}
	for i := 0; i < len(files) && len(asked) < maxSitemaps && len(pages) < most && err == nil; i++ {
		if asked[files[i]] {
			continue
		}
		asked[files[i]] = true
		p, err := c.Get(ctx, files[i])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		body := p.Body
		if strings.HasSuffix(p.URL.Path, ".gz") {
			if plain, err := unzipped(body); err == nil {
				body = plain
			}
		}
		more, further := parseSitemap(body, most-len(pages))
		pages, files = append(pages, more...), append(files, further...)
	}
	return pages, ctx.Err()
}

// parseSitemap returns the pages and further sitemaps in a file, up to where it is damaged.
func parseSitemap(text []byte, most int) (pages, files []string) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	var within string
	for len(pages) < most && len(files) < maxSitemaps {
		token, err := d.Token()
		if err != nil {
			break
		}
		t, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch t.Name.Local {
		case "url", "sitemap":
			within = t.Name.Local
		case "loc":
			var address string
			if d.DecodeElement(&address, &t) != nil {
				return pages, files
			}
			if address = strings.TrimSpace(address); within == "sitemap" {
				files = append(files, address)
			} else {
				pages = append(pages, address)
			}
		}
	}
	return pages, files
}
