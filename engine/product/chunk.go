package product

import "atelier/engine/threads"

const (
	maxRows    = 192     // of A packed per task: a part of the L2 cache
	sharedSize = 1 << 21 // elements of the shared panels: a part of the L3 cache
	tasksEach  = 8       // tasks per thread, for balance
)

// A chunk is a part of a product: all columns or all rows of it, and a part of its depth. The
// panels of one side are shared by all tasks; each task packs its own part of the other side.
type chunk struct {
	block
	e        *Engine
	pool     *threads.Pool
	p        *Product
	rowsEach int            // per panel of A
	a, b     *panels        // nil if tasks pack it
	inPlaceA InPlaceOperand // nil if A is packed
}

// chunks computes a non-empty product.
func (e *Engine) chunks(p Product) {
	c := chunk{e: e, pool: e.poolFor(p.M * p.N * p.K), p: &p, rowsEach: e.kernel.panel(evenly(p.M, e.kernel.rows)), block: block{0, p.K}}
	c.inPlaceA = e.readInPlace(c.p)
	if b, ok := p.B.(*Packed); ok && b.width == e.kernel.cols {
		c.b = &b.panels
	}
	switch {
	case c.pool.Size() == 1 && p.M <= maxRows:
		c.alone()
	case p.M <= e.kernel.rows || c.b != nil && p.M > maxRows:
		c.run()
	case p.M <= p.N || c.b != nil:
		c.sharing(side{p.A, p.M, c.rowsEach, e.kernel.rowStep}, &c.a)
	default:
		c.sharing(side{p.B, p.N, e.kernel.cols, e.kernel.colStep}, &c.b)
	}
}

// A side is an operand of n vectors, in panels of a given width or, at the end, of a multiple of
// step.
type side struct {
	operand        Operand
	n, width, step int
}

// evenly is the size of the parts that n is divided into, none larger than most.
func evenly(n, most int) int {
	parts := (n + most - 1) / most
	return (n + parts - 1) / parts
}

// sharing computes the product with the panels of one side shared, up to sharedSize at a time.
func (c *chunk) sharing(from side, shared **panels) {
	most := min(roundUp(from.n, from.width), max(1, c.e.shared/BlockDepth/from.width)*from.width) // vectors
	deepest := max(1, c.e.shared/BlockDepth/most) * BlockDepth
	data := c.e.spaces.takeShared(most * min(c.p.K, deepest))
	defer c.e.spaces.giveShared(data)
	for v := 0; v < from.n; v += most {
		vectors := roundUp(min(most, from.n-v), from.step)
		for first := 0; first < c.p.K; first += deepest {
			c.block = block{first, min(deepest, c.p.K-first)}
			*shared = &panels{block: c.block, data: data, width: from.width, vector: v, vectors: vectors}
			c.fill(*shared, from)
			c.run()
		}
	}
}

// fill packs the shared panels.
func (c *chunk) fill(s *panels, from side) {
	count, blocks := (s.vectors+s.width-1)/s.width, s.blocks()
	each := max(1, min(8, count*len(blocks)/(tasksEach*c.pool.Size()))) // panels per task
	groups := (count + each - 1) / each
	c.pool.Run(groups*len(blocks), func(_, task int) {
		v := s.vector + task%groups*each*s.width
		s.fill(from.operand, v, min(v+each*s.width, s.vector+s.vectors, from.n), from.n, blocks[task/groups])
	})
}
