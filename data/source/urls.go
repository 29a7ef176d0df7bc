package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"strings"
	"sync"

	"atelier/data"
	"atelier/internal/fetch"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("urls", "what the addresses in a file lead to, one a line or in a CSV with label, caption and licence; asked for politely, several hosts at once",
		func() data.Source { return &URLs{AtOnce: 8, TestShare: 0.1, Settings: fetch.Defaults()} })
}

// maxList is the size of the longest list that is read, in bytes.
const maxList = 256 << 20

// URLs fetches pictures, texts, pages and MIDI files from a list of addresses. An
// address that fails or that its site keeps back is a drop with the reason. Lines
// that are empty or begin with # are passed over; an address that comes twice is
// fetched once.
type URLs struct {
	Path      string  `help:"the file with the addresses"`
	AtOnce    int     `help:"how many hosts are asked at once, 1 to 64; each has one connection"`
	TestShare float64 `help:"share of the addresses, 0 to 0.9, that is kept from training to measure against; the address decides"`
	fetch.Settings
}

// Check refuses settings outside their ranges.
func (s *URLs) Check() error {
	if s.AtOnce < 1 || s.AtOnce > 64 {
		return registry.Unfit("at_once", fmt.Sprintf("want 1 to 64, got %d", s.AtOnce))
	}
	if err := checkShare(s.TestShare); err != nil {
		return err
	}
	return s.Settings.Check()
}

// SetName is the name of the file without extensions.
func (s *URLs) SetName() string { return nameOfFile(s.Path) }

// Recognize takes files whose first line is an address.
func (s *URLs) Recognize(place string) data.Fit {
	if !isLocalFile(place) {
		return data.Unfit
	}
	f, err := os.Open(place)
	if err != nil {
		return data.Unfit
	}
	defer f.Close()
	start, _ := bufio.NewReader(io.LimitReader(f, 4096)).ReadString('\n')
	if !isAddress(start) {
		return data.Unfit
	}
	s.Path = place
	return data.Certain
}

func isAddress(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// Items fetches one address after the other, in the order of the list.
func (s *URLs) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, knowsNothing, 1)
}

// Rest fetches what the journal does not know, from several hosts at once.
func (s *URLs) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known, s.AtOnce)
}

func (s *URLs) items(ctx context.Context, split data.Split, known func(string) bool, hosts int) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		list, err := s.list(ctx, split, known)
		if err != nil {
			yield(data.Item{}, fmt.Errorf("urls: %w", err))
			return
		}
		client := fetch.New(s.Settings)
		defer client.Close()
		queues := [][]data.Item{list}
		if hosts > 1 {
			queues = byHost(list)
		}
		inParallel(ctx, hosts, queues, func(ctx context.Context, it *data.Item) error { return fetchItem(ctx, client, it) }, yield)
	}
}

// list reads the addresses of a part that are not known.
func (s *URLs) list(ctx context.Context, split data.Split, known func(string) bool) ([]data.Item, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Path == "" {
		return nil, errors.New("path is not set; it names a file with an address a line, or a CSV with a column url")
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, fmt.Errorf("%w; path must name a file with an address a line, or a CSV with a column url", err)
	}
	defer f.Close()
	var list []data.Item
	seen := map[string]bool{}
	for it, err := range s.lines(f) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		if !seen[it.Name] && (parting{false, s.TestShare}).of("", it.Group, it.Name) == split && !known(it.Name) {
			list = append(list, it)
		}
		seen[it.Name] = true
	}
	return list, nil
}

// lines yields an Item with name and origin for each address of the file.
func (s *URLs) lines(f io.Reader) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		r := newLineReader(f, maxList)
		start, _ := r.Peek(8)
		if !isAddress(string(start)) && !strings.HasPrefix(string(start), "#") {
			s.table(r, yield)
			return
		}
		for {
			line, err := r.line()
			if err != nil && err != io.EOF {
				yield(data.Item{}, err)
				return
			}
			if text := strings.TrimSpace(string(line)); text != "" && text[0] != '#' && !yield(addressed(text), nil) || err == io.EOF {
				return
			}
		}
	}
}

// addressed is the Item of an address.
func addressed(address string) data.Item {
	it := data.Item{Name: address, Origin: data.Origin{Place: address}}
	if u, err := fetch.Parse(address); err == nil {
		it.Name, it.Origin.Place = u.String(), u.String()
	}
	return it
}

// table yields the addresses of a CSV.
func (s *URLs) table(r *lineReader, yield func(data.Item, error) bool) {
	for row, err := range csvRows(r, r.delimiter(s.Path, "")) {
		if isDrop(err) {
			continue
		}
		at := column(row.names, []string{"url", "address", "image_url", "link", "uri", "href"}, nil)
		if err == nil && at == "" {
			err = fmt.Errorf("line 1: want an address a line, or a CSV with a column url; there are %s", strings.Join(row.names, ", "))
		}
		var c Columns
		var told facts
		if err == nil {
			c, err = Columns{Text: "none", Path: "none", Bytes: "none"}.in(row.names)
		}
		if err == nil {
			told, err = c.facts(row.record)
		}
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		address, err := row.text(at)
		if err != nil || strings.TrimSpace(address) == "" {
			continue
		}
		it := addressed(strings.TrimSpace(address))
		place := it.Origin.Place
		it.Label, it.Caption, it.Group, it.Origin = told.label, told.caption, told.group, told.origin
		it.Origin.Place = place
		if !yield(it, nil) {
			return
		}
	}
}

// byHost parts a list into one queue a host, in the order in which they come up.
func byHost(list []data.Item) (queues [][]data.Item) {
	at := map[string]int{}
	for _, it := range list {
		host := ""
		if u, err := url.Parse(it.Name); err == nil {
			host = u.Host
		}
		i, ok := at[host]
		if !ok {
			i = len(queues)
			at[host] = i
			queues = append(queues, nil)
		}
		queues[i] = append(queues[i], it)
	}
	return queues
}

// inParallel fills the Items of some queues at once, each in its order, and yields
// them as they come. An error that is no drop is the last.
func inParallel(ctx context.Context, n int, queues [][]data.Item, fill func(context.Context, *data.Item) error, yield func(data.Item, error) bool) {
	type result struct {
		it  data.Item
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	work, done := make(chan []data.Item), make(chan result)
	var wg sync.WaitGroup
	for range min(n, len(queues)) {
		wg.Go(func() {
			for queue := range work {
				for _, it := range queue {
					err := fill(ctx, &it)
					select {
					case done <- result{it, err}:
					case <-ctx.Done():
					}
				}
			}
		})
	}
	go func() {
		for _, q := range queues {
			work <- q // its workers see that ctx is done soon
		}
		close(work)
		wg.Wait()
		close(done)
	}()
	stopped := false
	for r := range done {
		if stopped {
			continue
		}
		if !yield(r.it, r.err) || r.err != nil && !isDrop(r.err) {
			stopped = true
			cancel()
		}
	}
	if err := ctx.Err(); err != nil && !stopped {
		yield(data.Item{}, err)
	}
	cancel()
}
