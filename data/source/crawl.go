package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"image"
	_ "image/gif" // formats whose size is checked
	_ "image/jpeg"
	_ "image/png"
	"net/url"
	"time"

	_ "golang.org/x/image/webp"

	"atelier/data"
	"atelier/internal/fetch"
)

// errEnough ends a crawl when no more Items are wanted.
var errEnough = errors.New("enough")

// A crawl is one walk over a site. Its queue is rebuilt from the pages recorded in the journal, in
// the order of their links.
type crawl struct {
	*Site
	journal data.Journal
	client  *fetch.Client
	start   string // address
	queue   []visit
	seed    maphash.Seed
	seen    map[uint64]bool // hashes of addresses
	yield   func(data.Item, error) bool
}

// A visit is a page in the queue.
type visit struct {
	address string
	depth   int
}

// A pageRecord is what the journal keeps of a visited page.
type pageRecord struct {
	Group    string     // the address after redirects
	Links    []string   `json:",omitempty"`
	Pictures []picture  `json:",omitempty"`
	Licence  string     `json:",omitempty"`
	Reserved *data.Drop `json:",omitempty"` // why its pictures must not be taken
}

func (c *crawl) run(ctx context.Context, start *url.URL) error {
	c.seed, c.start = maphash.MakeSeed(), start.String()
	c.push(c.start, 0)
	if c.Sitemap {
		if err := c.sitemap(ctx, start); err != nil {
			return err
		}
	}
	for n := 0; len(c.queue) > 0 && n < c.Pages; n++ {
		v := c.queue[0]
		c.queue = c.queue[1:]
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := c.page(ctx, v.address)
		if err != nil {
			return err
		}
		if v.depth < c.Depth {
			for _, to := range r.Links {
				c.push(to, v.depth+1)
			}
		}
		if c.Collect == "text" {
			continue
		}
		for _, p := range r.Pictures {
			if err := c.picture(ctx, p, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// first reports whether an address is new, and marks it as seen.
func (c *crawl) first(address string) bool {
	h := maphash.String(c.seed, address)
	if c.seen[h] {
		return false
	}
	c.seen[h] = true
	return true
}

// push queues a new page if its host is allowed.
func (c *crawl) push(address string, depth int) {
	u, err := fetch.Parse(address)
	if err == nil && c.client.May(u) && len(c.queue) < 2*c.Pages && c.first(u.String()) {
		c.queue = append(c.queue, visit{u.String(), depth})
	}
}

// page reads a page, or takes its record from the journal.
func (c *crawl) page(ctx context.Context, address string) (pageRecord, error) {
	var r pageRecord
	noted, err := c.journal.Load("page " + address)
	switch known := c.journal.Known(address); {
	case err != nil:
		return r, err
	case noted != nil && (known || c.Collect == "images"):
		err := json.Unmarshal(noted, &r)
		c.first(r.Group) // the target of a redirect counts as seen
		return r, err
	case known: // it was dropped
		return r, nil
	}
	it := data.Item{Name: address, Origin: data.Origin{Place: address}}
	p, err := c.client.Get(ctx, address)
	var why *fetch.Refusal
	switch {
	case errors.As(err, &why) && why.Reason == fetch.OtherHost && address == c.start:
		return r, fmt.Errorf("site: %w; start there, or name it in hosts", err)
	case err != nil && address == c.start:
		return r, fmt.Errorf("site: the first page gave nothing: %w", err)
	case err != nil:
		return r, c.give(it, refused(err))
	}
	r.Group, it.Group = p.URL.String(), p.URL.String()
	again := r.Group != address && !c.first(r.Group)
	if isHTML(p) && !again {
		c.note(&r, p)
	}
	text, err := json.Marshal(r)
	if err == nil {
		err = c.journal.Save("page "+address, text) // saved before the Item is yielded, so that a known Item always has its page recorded
	}
	if err != nil {
		return r, err
	}
	return r, c.text(it, p, r, again)
}

// note records the links of a page.
func (c *crawl) note(r *pageRecord, p *fetch.Page) {
	l := readLinks(p)
	r.Licence = l.Licence
	if p.Rights.Links == nil {
		r.Links = l.Pages
	}
	r.Pictures = l.Pictures
	if p.Rights.Images != nil {
		r.Reserved = &data.Drop{Reason: p.Rights.Images.Reason, Detail: p.Rights.Images.Detail}
	}
}

// text yields the article of a page, or why there is none. In a crawl for pictures, pages
// themselves give no Items.
func (c *crawl) text(it data.Item, p *fetch.Page, r pageRecord, again bool) error {
	it.Origin.Licence, it.Origin.Collected = r.Licence, now()
	if again {
		return c.give(it, data.Dropf("same page", "%s is %s", it.Name, r.Group))
	}
	if c.Collect == "images" && isHTML(p) {
		return nil
	}
	err := taken(&it, p)
	if is := kindOf(it.MediaType) == pictures; err == nil && c.Collect != "both" && is != (c.Collect == "images") {
		err = data.Dropf("unknown kind", "%s is %s, and %s are collected", p.URL, it.MediaType, c.Collect)
	}
	return c.work(it, err)
}

// picture yields a picture of a page.
func (c *crawl) picture(ctx context.Context, p picture, r pageRecord) error {
	u, err := fetch.Parse(p.Address)
	if err != nil || !c.client.May(u) || !c.first(p.Address) || c.journal.Known(p.Address) {
		return nil
	}
	it := data.Item{Name: p.Address, Caption: p.Words, Group: r.Group, Origin: data.Origin{Place: p.Address, Licence: r.Licence}}
	if r.Reserved != nil {
		return c.give(it, r.Reserved)
	}
	err = fetchItem(ctx, c.client, &it)
	if err == nil && kindOf(it.MediaType) != pictures {
		err = data.Dropf(wrongType, "%s is not a picture", p.Address)
	}
	return c.work(it, err)
}

// work yields an Item unless it is a picture that is too small. Whether a picture can be decoded is
// left to a cleaner.
func (c *crawl) work(it data.Item, err error) error {
	if err == nil && kindOf(it.MediaType) == pictures {
		size, _, e := image.DecodeConfig(bytes.NewReader(it.Bytes))
		if e == nil && min(size.Width, size.Height) < c.MinSize {
			err = data.Dropf("too small", "%dx%d pixels; the shortest side must have %d", size.Width, size.Height, c.MinSize)
		}
	}
	return c.give(it, err)
}

// give yields an Item or its drop; an error that is not a drop ends the crawl.
func (c *crawl) give(it data.Item, err error) error {
	if err != nil && !isDrop(err) {
		return err
	}
	if !c.yield(it, err) {
		return errEnough
	}
	return nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// sitemap queues the pages in the site's sitemaps.
func (c *crawl) sitemap(ctx context.Context, start *url.URL) error {
	const key = "sitemap"
	var pages []string
	noted, err := c.journal.Load(key)
	if err == nil && noted != nil {
		err = json.Unmarshal(noted, &pages)
	}
	if err != nil {
		return fmt.Errorf("site: %w", err)
	}
	if noted == nil {
		if pages, err = readSitemaps(ctx, c.client, start, c.Pages); err != nil {
			return err
		}
		text, err := json.Marshal(pages)
		if err == nil {
			err = c.journal.Save(key, text)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range pages {
		c.push(p, 0)
	}
	return nil
}
