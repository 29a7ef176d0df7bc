package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/fetch"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("site", "texts and pictures of a web site, crawled from a start page and the sitemap; robots.txt, crawl delay and opt-outs are honoured",
		func() data.Source {
			return &Site{Collect: "both", Depth: 5, Pages: 10_000, Sitemap: true, MinSize: 64, Settings: fetch.Defaults()}
		})
}

// Site crawls a web site, breadth first. Each page is a text, without menus and advertisements; a
// page and its pictures form one group. Links and redirects are followed on the host of the first
// address and on the configured hosts. Visited pages are recorded, so that an interrupted crawl
// continues where it stopped. Everything is for training: a stored set is split by groups.
type Site struct {
	Start   string   `help:"address of the page to start from"`
	Collect string   `help:"what to collect: text, images, or both"`
	Depth   int      `help:"crawl depth: largest number of links from the start page and the sitemap, 0 to 100"`
	Pages   int      `help:"largest number of pages read, 1 to 1000000"`
	Hosts   []string `help:"other hosts that pages and pictures may come from, such as images.example.org"`
	Sitemap bool     `help:"also read the pages that the sitemap lists"`
	MinSize int      `help:"smallest side of a picture to collect, in pixels"`
	fetch.Settings
}

var collections = []string{"both", "images", "text"}

// Check rejects settings outside their ranges.
func (s *Site) Check() error {
	switch {
	case !slices.Contains(collections, s.Collect):
		return registry.Unfit("collect", fmt.Sprintf("no kind %q; %s", s.Collect, registry.Suggest(s.Collect, collections)))
	case s.Depth < 0 || s.Depth > 100:
		return registry.Unfit("depth", fmt.Sprintf("want 0 to 100, got %d", s.Depth))
	case s.Pages < 1 || s.Pages > 1_000_000:
		return registry.Unfit("pages", fmt.Sprintf("want 1 to 1000000, got %d", s.Pages))
	case s.MinSize < 0:
		return registry.Unfit("min_size", fmt.Sprintf("want at least 0, got %d", s.MinSize))
	}
	for _, h := range s.Hosts {
		if u, err := fetch.Parse("https://" + h); err != nil || u.Path != "/" || u.RawQuery != "" {
			return registry.Unfit("hosts", fmt.Sprintf("want hosts such as images.example.org, got %q", h))
		}
	}
	return s.Settings.Check()
}

// SetName is the host of the first address.
func (s *Site) SetName() string {
	u, err := url.Parse(s.Start)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Recognize accepts web addresses.
func (s *Site) Recognize(place string) data.Fit {
	if !isAddress(place) {
		return data.Unfit
	}
	s.Start = place
	return data.Certain
}

// Items crawls from the start.
func (s *Site) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.Rest(ctx, split, noJournal{})
}

// A noJournal is a journal that remembers nothing.
type noJournal struct{}

func (noJournal) Known(string) bool           { return false }
func (noJournal) Load(string) ([]byte, error) { return nil, nil }
func (noJournal) Save(string, []byte) error   { return nil }

// Rest crawls what is not in the journal.
func (s *Site) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		err := s.Check()
		if err == nil && s.Start == "" {
			err = errors.New("start is not set; it is the address of the page to begin at")
		}
		var start *url.URL
		if err == nil {
			start, err = fetch.Parse(s.Start)
		}
		if err != nil {
			yield(data.Item{}, fmt.Errorf("site: %w", err))
			return
		}
		if split != data.Train {
			return
		}
		c := &crawl{Site: s, journal: j, client: fetch.New(s.Settings), seen: map[uint64]bool{}, yield: yield}
		c.client.Hosts = []string{start.Host}
		for _, h := range s.Hosts {
			c.client.Hosts = append(c.client.Hosts, strings.ToLower(h))
		}
		defer c.client.Close()
		if err := c.run(ctx, start); err != nil && !errors.Is(err, errEnough) {
			yield(data.Item{}, err)
		}
	}
}
