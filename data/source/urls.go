package source

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"sync"

	"atelier/data"
	"atelier/internal/fetch"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("urls", "the files behind a list of addresses: one per line, or CSV or JSON lines with label, caption and licence; fetched politely, several hosts at once",
		func() data.Source { return &URLs{AtOnce: 8, TestShare: 0.1, Settings: fetch.Defaults()} })
}

// URLs fetches pictures, texts, pages and MIDI files from a list of addresses. An address that
// fails or that its site reserves is a drop with the reason. Empty lines and lines that begin with
// # are skipped; duplicates are fetched once.
type URLs struct {
	Path      string  `help:"the file with the addresses"`
	AtOnce    int     `help:"number of hosts fetched from at once, 1 to 64, with one connection each"`
	TestShare float64 `help:"share of the addresses, 0 to 0.9, held out as the test part, chosen by address"`
	fetch.Settings

	converted conversions
}

// Check rejects settings outside their ranges.
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

// Remarks reports whether the file was converted, and from which encoding.
func (s *URLs) Remarks() []string { return s.converted.lines() }

// Items fetches the addresses one after the other, in the order of the list.
func (s *URLs) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, noneKnown, 1)
}

// Rest fetches what is not in the journal, from several hosts at once.
func (s *URLs) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return s.items(ctx, split, j.Known, s.AtOnce)
}

func (s *URLs) items(ctx context.Context, split data.Split, known func(string) bool, hosts int) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		list, bad, err := s.list(ctx, split, known)
		if err != nil {
			yield(data.Item{}, fmt.Errorf("urls: %w", err))
			return
		}
		for _, l := range bad {
			if !yield(data.Item{Name: l.name, Origin: data.Origin{Place: l.place}}, l.drop) {
				return
			}
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

// byHost splits a list into one queue per host, in order of first appearance.
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

// inParallel fills the Items of several queues at once, each in its order, and yields them as they
// arrive. An error that is not a drop is the last.
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
			work <- q // the workers soon see that ctx is done
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
