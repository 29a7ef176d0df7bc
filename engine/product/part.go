package product

// A part is a part of C.
type part struct{ row, rows, col, cols int }

// alone computes the whole product in the caller, without shared panels.
func (c *chunk) alone() {
	w := c.e.spaces.take(c.e.kernel)
	defer c.e.spaces.give(w)
	all := part{0, c.p.M, 0, c.p.N}
	c.multiply(w, all)
	c.p.finish(all.row, all.rows, all.col, all.cols)
}

// run computes the chunk, cut along the side whose panels are not shared, and along
// the other one too where that gives too few tasks.
func (c *chunk) run() {
	whole := part{0, c.p.M, 0, c.p.N}
	if c.a != nil {
		whole.row, whole.rows = c.a.within(c.p.M)
	}
	if c.b != nil {
		whole.col, whole.cols = c.b.within(c.p.N)
	}
	k, wanted := c.e.kernel, tasksEach*c.e.pool.Size()
	rowPanels, colPanels := (whole.rows+c.rowsEach-1)/c.rowsEach, (whole.cols+k.cols-1)/k.cols
	var down, across int // tasks
	if c.a != nil || rowPanels == 1 {
		across = min(colPanels, wanted)
		down = min(rowPanels, (c.e.pool.Size()+across-1)/across)
	} else {
		most := maxRows / c.rowsEach // panels in a task
		down = min(rowPanels, max(wanted, (rowPanels+most-1)/most))
		across = min(colPanels, (c.e.pool.Size()+down-1)/down)
	}
	c.e.pool.Run(down*across, func(_, task int) {
		row, rows := cut(whole.rows, rowPanels, c.rowsEach, task/across, down)
		col, cols := cut(whole.cols, colPanels, k.cols, task%across, across)
		c.task(part{whole.row + row, rows, whole.col + col, cols})
	})
}

// cut is part i when n elements in panels are cut into parts that are as equal as
// whole panels can be.
func cut(n, panels, width, i, parts int) (first, count int) {
	first = panels * i / parts * width
	return first, min(n, panels*(i+1)/parts*width) - first
}

// within is the range of the panels' vectors, of which there are n.
func (s *panels) within(n int) (first, count int) {
	return s.vector, min(s.vectors, n-s.vector)
}

// task computes a part of the chunk.
func (c *chunk) task(t part) {
	w := c.e.spaces.take(c.e.kernel)
	defer c.e.spaces.give(w)
	if c.a == nil {
		c.multiply(w, t)
	} else {
		// Panel by panel: the columns of C stay in the cache from block to block.
		for j := 0; j < t.cols; j += c.e.kernel.cols {
			c.multiply(w, part{t.row, t.rows, t.col + j, min(c.e.kernel.cols, t.cols-j)})
		}
	}
	if c.first+c.depth == c.p.K {
		c.p.finish(t.row, t.rows, t.col, t.cols)
	}
}

// multiply adds the products of the chunk's depth to a part of C.
func (c *chunk) multiply(w *space, t part) {
	w.offsets = w.offsets[:0]
	for i := t.row; i < t.row+t.rows; i++ {
		w.offsets = append(w.offsets, c.p.row(i))
	}
	k := c.e.kernel
	for first := c.first; first < c.first+c.depth; first += BlockDepth {
		depth := min(BlockDepth, c.first+c.depth-first)
		a := c.rowPanels(w, t, first, depth)
		for j := t.col; j < t.col+t.cols; j += k.cols {
			b, stride := c.columnPanel(w, j, first, depth)
			for i := t.row; i < t.row+t.rows; i += c.rowsEach {
				rows := min(c.rowsEach, t.row+t.rows-i)
				offsets := w.offsets[i-t.row : i-t.row+rows]
				c.tile(w, depth, a.at(i, first, depth), b, stride, j, offsets, first == 0)
			}
		}
	}
}

// rowPanels are the panels of A over a block of depth, shared or packed.
func (c *chunk) rowPanels(w *space, t part, first, depth int) *panels {
	if c.a != nil {
		return c.a
	}
	own := &panels{data: w.a, width: c.rowsEach, vector: t.row, vectors: c.e.kernel.panel(t.rows), first: first, depth: depth}
	own.fill(c.p.A, t.row, t.row+t.rows, c.p.M, 0)
	return own
}

// columnPanel is the panel of B that starts with column j, over a block of depth,
// and the stride along the depth: shared, packed, or B itself if it is used but
// once.
func (c *chunk) columnPanel(w *space, j, first, depth int) ([]float32, int) {
	cols := c.e.kernel.cols
	if c.b != nil {
		return c.b.at(j, first, depth), cols
	}
	if b, ok := c.p.B.(Strided); ok && b.Vector == 1 && c.p.M <= c.rowsEach && j+cols <= c.p.N {
		return b.Data[j+first*b.Depth:], b.Depth
	}
	own := panels{data: w.b, width: cols, vector: j, vectors: cols, first: first, depth: depth}
	own.fill(c.p.B, j, j+1, c.p.N, 0)
	return own.data, cols
}

// tile computes a tile of C, at the edge of C in a place of its own.
func (c *chunk) tile(w *space, depth int, a, b []float32, bStride, col int, offsets []int, first bool) {
	k, n := c.e.kernel, c.p.N-col
	if n >= k.cols {
		k.multiply(depth, a, b, bStride, c.p.C[col:], offsets, first)
		return
	}
	k.multiply(depth, a, b, bStride, w.edge, w.edges[:len(offsets)], true)
	for i, at := range offsets {
		row := c.p.C[at+col : at+col+n]
		sums := w.edge[i*k.cols:][:n]
		if first {
			copy(row, sums)
			continue
		}
		for j, s := range sums {
			row[j] += s
		}
	}
}
