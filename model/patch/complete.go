package patch

import (
	"context"

	"atelier/internal/noise"
)

// work is the state of filling one hole.
type work struct {
	Filling
	m        Matcher
	levels   []*level // the finest first
	colours  int
	progress func(done, total int)
}

// fill fills the hole of a part of the picture level by level, and returns for each of its pixels
// the source pixel at the finest level; nil if there are too few patches. The texture is measured
// outside unknown.
func (w *work) fill(ctx context.Context, part *picture, unknown, hole, barred []bool) ([]int32, error) {
	textured, err := part.textured(ctx, unknown)
	if err != nil {
		return nil, err
	}
	finest, err := newLevel(ctx, textured, hole, barred)
	if err != nil {
		return nil, err
	}
	w.levels = []*level{finest}
	if w.levels[0].sources < leastSources || len(w.levels[0].targets) == 0 {
		return nil, nil
	}
	for len(w.levels) < mostLevels {
		l := w.levels[len(w.levels)-1]
		if 2*int(l.deepest) <= 5*side { // about as wide as a patch
			break
		}
		next, err := l.halved(ctx)
		if err != nil {
			return nil, err
		}
		if next.sources < leastSources || len(next.targets) == 0 {
			break
		}
		w.levels = append(w.levels, next)
	}
	var f *field
	for k := len(w.levels) - 1; k >= 0; k-- {
		if f, err = w.complete(ctx, k, f); err != nil {
			return nil, err
		}
		if w.progress != nil {
			w.progress(len(w.levels)-k, len(w.levels))
		}
	}
	l := w.levels[0]
	from := make([]int32, l.w*l.h)
	return from, w.take(ctx, l, f, from)
}

// complete searches and votes at a level, starting from the field of the coarser one.
func (w *work) complete(ctx context.Context, k int, coarser *field) (*field, error) {
	l := w.levels[k]
	s := &search{m: w.m, query: l.picture, key: l.picture, targets: l.targets, number: l.number, allowed: l.allowed}
	pull := locality * pixels * int64(l.c) << 16 / int64(l.w*l.w+l.h*l.h)
	s.pull = [2]int64{pull, pull}
	if w.Started { // an extension may continue with distant patches beside it, but not above or below
		s.pull[0] = 0
	}
	f := newField(len(l.targets))
	steps, passes, radius := fillSteps, fillPasses, max(l.w, l.h)
	if k == 0 {
		steps = finestSteps
	}
	if len(l.targets) > mostInFull {
		steps = fewSteps
	}
	if coarser == nil {
		if !w.Started {
			if err := l.onion(ctx, w.m); err != nil {
				return nil, err
			}
		}
		l.scatter(f, w.Seed)
		if err := s.measure(ctx, f); err != nil {
			return nil, err
		}
		if err := s.passes(ctx, f, startPasses, radius, key(w.Seed, uint64(k), 7)); err != nil {
			return nil, err
		}
	} else {
		if err := l.inherit(ctx, f, w.levels[k+1], coarser, w.Seed); err != nil {
			return nil, err
		}
		if _, err := w.vote(ctx, l, f); err != nil {
			return nil, err
		}
		if l.w*l.h > mostSearched {
			steps, passes, radius = 1, 1, 4
		}
	}
	for i := range steps {
		if err := s.measure(ctx, f); err != nil {
			return nil, err
		}
		if err := s.passes(ctx, f, passes, radius, key(w.Seed, uint64(k), uint64(i))); err != nil {
			return nil, err
		}
		if k == 0 && i == steps-1 {
			break
		}
		change, err := w.vote(ctx, l, f)
		if err != nil {
			return nil, err
		}
		if change < stillChange {
			break
		}
	}
	return f, nil
}

// scatter initializes with random patches.
func (l *level) scatter(f *field, seed uint64) {
	sources := make([]int32, 0, l.sources)
	for place, ok := range l.allowed {
		if ok {
			sources = append(sources, int32(place))
		}
	}
	for i := range f.to {
		f.to[i] = sources[below(noise.Bits(seed^uint64(i)), len(sources))]
	}
}

// inherit takes the doubled offsets of the coarser level, or the nearest allowed ones.
func (l *level) inherit(ctx context.Context, f *field, coarse *level, from *field, seed uint64) error {
	const half = side / 2
	var any []int32
	for i, t := range l.targets {
		if i%checked == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		x, y := int(t)%l.tw, int(t)/l.tw
		cx, cy := min(max((x+half)/2-half, 0), coarse.tw-1), min(max((y+half)/2-half, 0), coarse.th-1)
		place := int32(-1)
		if n := coarse.number[cy*coarse.tw+cx]; n >= 0 {
			taken := int(from.to[n])
			place = l.nearby(x+2*(taken%coarse.tw-cx), y+2*(taken/coarse.tw-cy))
		}
		if place < 0 {
			if any == nil {
				for p, ok := range l.allowed {
					if ok {
						any = append(any, int32(p))
					}
				}
			}
			place = any[below(noise.Bits(seed^uint64(t)), len(any))]
		}
		f.to[i] = place
	}
	return nil
}

// nearby is an allowed place at or near another, -1 if there is none.
func (l *level) nearby(x, y int) int32 {
	x, y = min(max(x, 0), l.tw-1), min(max(y, 0), l.th-1)
	for k := range 6 {
		for _, o := range [9][2]int{{0, 0}, {k, 0}, {-k, 0}, {0, k}, {0, -k}, {k, k}, {-k, k}, {k, -k}, {-k, -k}} {
			if a, b := x+o[0], y+o[1]; a >= 0 && b >= 0 && a < l.tw && b < l.th && l.allowed[b*l.tw+a] {
				return int32(b*l.tw + a)
			}
		}
	}
	return -1
}
