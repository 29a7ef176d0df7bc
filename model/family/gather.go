package family

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"atelier/data"
)

// Gather returns a sampler that draws what several ask for at about the same time together: whoever
// is first waits so long for others. Each gets the samples that it would get alone, for sample i
// depends on its own seed and conditions. Requests for a full batch, and those with conditions
// besides a class, are drawn by themselves.
func Gather(s Sampler, wait time.Duration) Sampler {
	g := &gatherer{draw: s, wait: wait, full: make(chan struct{}, 1)}
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		label := conditions.Column(data.Label)
		if len(seeds) >= AtOnce || conditions != nil && (label == nil || len(conditions.Columns) > 1) {
			return s(ctx, seeds, conditions)
		}
		return func(yield func(*data.Batch, error) bool) {
			a := &asked{seeds: seeds, label: label, done: make(chan struct{})}
			g.join(ctx, a)
			select {
			case <-a.done:
			case <-ctx.Done():
				if !g.leave(a) {
					<-a.done // its weights are in use until then
				}
				yield(nil, ctx.Err())
				return
			}
			if a.err != nil {
				yield(nil, a.err)
				return
			}
			for _, b := range a.drawn {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// asked is what one request asks for.
type asked struct {
	seeds []uint64
	label *data.Column // classes, nil for those of the seeds
	drawn []*data.Batch
	err   error
	done  chan struct{} // closed once it is drawn
}

// A gatherer draws what is asked for together.
type gatherer struct {
	draw Sampler
	wait time.Duration
	full chan struct{} // a batch is full

	mu      sync.Mutex
	waiting []*asked
	leading bool // somebody draws, and will look again
}

// join adds a request. Whoever finds nobody drawing has it done, until nothing waits.
func (g *gatherer) join(ctx context.Context, a *asked) {
	g.mu.Lock()
	g.waiting = append(g.waiting, a)
	lead := !g.leading
	g.leading = true
	seeds := 0
	for _, w := range g.waiting {
		seeds += len(w.seeds)
	}
	g.mu.Unlock()
	if lead {
		go g.lead(context.WithoutCancel(ctx))
		return
	}
	if seeds >= AtOnce {
		select {
		case g.full <- struct{}{}:
		default:
		}
	}
}

// leave takes back a request, unless it is being drawn or was.
func (g *gatherer) leave(a *asked) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.Index(g.waiting, a)
	if at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
	}
	return at >= 0
}

// lead draws batch after batch.
func (g *gatherer) lead(ctx context.Context) {
	select {
	case <-g.full:
	case <-time.After(g.wait):
	}
	for {
		batch := g.next()
		if batch == nil {
			return
		}
		g.drawAll(ctx, batch)
	}
}

// next takes the oldest requests that can be drawn together.
func (g *gatherer) next() (batch []*asked) {
	g.mu.Lock()
	defer g.mu.Unlock()
	seeds := 0
	g.waiting = slices.DeleteFunc(g.waiting, func(a *asked) bool {
		fits := len(batch) == 0 || seeds+len(a.seeds) <= AtOnce && (a.label == nil) == (batch[0].label == nil)
		if fits {
			batch, seeds = append(batch, a), seeds+len(a.seeds)
		}
		return fits
	})
	g.leading = len(batch) > 0
	return batch
}

// drawAll draws a batch and hands out what each asked for. If that fails, each is drawn alone,
// so that nobody gets the error of another.
func (g *gatherer) drawAll(ctx context.Context, batch []*asked) {
	err := g.drawTogether(ctx, batch)
	for _, a := range batch {
		if err != nil && len(batch) > 1 {
			err := g.drawTogether(ctx, []*asked{a})
			a.err = err
		} else {
			a.err = err
		}
		close(a.done)
	}
}

func (g *gatherer) drawTogether(ctx context.Context, batch []*asked) error {
	var seeds []uint64
	var conditions *data.Batch
	for _, a := range batch {
		seeds = append(seeds, a.seeds...)
		a.drawn = nil
	}
	if first := batch[0].label; first != nil {
		labels := data.NewColumn(first.Field, 0)
		for _, a := range batch {
			labels.Ints = append(labels.Ints, a.label.Ints...)
		}
		conditions = &data.Batch{N: len(seeds)}
		conditions.Set(labels)
	}
	at := 0
	for b, err := range g.draw(ctx, seeds, conditions) {
		if err != nil {
			return err
		}
		for len(batch[at].drawn) == len(batch[at].seeds) {
			at++
		}
		batch[at].drawn = append(batch[at].drawn, b)
	}
	return nil
}
