package patch

import (
	"context"
	"image"
)

// A matching holds the chosen patches of the source at one level.
type matching struct {
	*growth
	query, source image.Point // the grids
	all           *exact      // if affordable
	to            []int32
	forth, back   *field // of PatchMatch, in both directions
}

// matching prepares that of a level, from that of the coarser level if there is one.
func (g *growth) matching(l int, before *matching) *matching {
	kw, kh := g.levels[l].places()
	m := &matching{growth: g, source: image.Pt(kw, kh), query: g.sizes[l].Sub(image.Pt(side-1, side-1))}
	if g.torus {
		m.query = g.sizes[l]
	}
	if m.query.X*m.query.Y*kw*kh <= mostEach*mostEach {
		m.all = &exact{}
		return m
	}
	m.forth, m.back = newField(m.query.X*m.query.Y), newField(kw*kh)
	m.carry(before)
	for i := range m.back.to { // by position
		x, y := i%kw*m.query.X/kw, i/kw*m.query.Y/kh
		m.back.to[i] = int32(y*m.query.X + x)
	}
	for t, s := range m.forth.to {
		m.back.to[s] = int32(t)
	}
	return m
}

// carry takes over the choices of the coarser level, by position.
func (m *matching) carry(before *matching) {
	for i := range m.forth.to {
		x, y := i%m.query.X, i/m.query.X
		if before == nil {
			m.forth.to[i] = int32(y*m.source.Y/m.query.Y*m.source.X + x*m.source.X/m.query.X)
			continue
		}
		bx, by := x*before.query.X/m.query.X, y*before.query.Y/m.query.Y
		s := int(before.to[by*before.query.X+bx])
		sx := s%before.source.X*m.source.X/before.source.X + x - bx*m.query.X/before.query.X
		sy := s/before.source.X*m.source.Y/before.source.Y + y - by*m.query.Y/before.query.Y
		m.forth.to[i] = int32(min(max(sy, 0), m.source.Y-1)*m.source.X + min(max(sx, 0), m.source.X-1))
	}
}

// passesEach is the number of passes of PatchMatch per direction and step.
const passesEach = 2

// step searches once. It fills to.
func (m *matching) step(ctx context.Context, query, source *picture, seed uint64) (err error) {
	a := m.alpha * full
	if m.all != nil {
		level := m.level * pixels * 3 / float64(source.h*source.h)
		m.to, err = m.all.match(ctx, m.m, query, source, int64(a), int64(level))
		return err
	}
	radius := int(m.window * float64(max(source.w, source.h)))
	back := &search{m: m.m, query: source, key: query}
	if err := back.measure(ctx, m.back); err != nil {
		return err
	}
	if err := back.passes(ctx, m.back, passesEach, radius, key(seed, 1)); err != nil {
		return err
	}
	forth := &search{m: m.m, query: query, key: source}
	if err := forth.measure(ctx, m.forth); err != nil {
		return err
	}
	weight := make([]int64, len(m.back.cost))
	copy(weight, m.back.cost)
	for t, s := range m.forth.to { // a pair found in the other direction counts, too
		weight[s] = min(weight[s], m.forth.cost[t])
	}
	for i, least := range weight {
		weight[i] = one / (int64(a) + least)
	}
	forth.weight = weight
	for t, s := range m.forth.to {
		m.forth.cost[t] *= weight[s]
	}
	if err := forth.passes(ctx, m.forth, passesEach, radius, key(seed, 2)); err != nil {
		return err
	}
	m.to = m.forth.to
	return nil
}
