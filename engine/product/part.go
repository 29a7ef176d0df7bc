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

// run computes the chunk, divided along the side whose panels are not shared, and along the other
// one too if that gives too few tasks.
func (c *chunk) run() {
	whole := part{0, c.p.M, 0, c.p.N}
	if c.a != nil {
		whole.row, whole.rows = c.a.within(c.p.M)
	}
	if c.b != nil {
		whole.col, whole.cols = c.b.within(c.p.N)
	}
	k, wanted := c.e.kernel, tasksEach*c.pool.Size()
	rowPanels, colPanels := (whole.rows+c.rowsEach-1)/c.rowsEach, (whole.cols+k.cols-1)/k.cols
	var down, across int // tasks
	if c.a != nil || rowPanels == 1 {
		across = min(colPanels, wanted)
		down = min(rowPanels, (c.pool.Size()+across-1)/across)
	} else {
		most := maxRows / c.rowsEach // panels per task
		down = min(rowPanels, max(wanted, (rowPanels+most-1)/most))
		across = min(colPanels, (c.pool.Size()+down-1)/down)
	}
	finished := c.first+c.depth == c.p.K
	short := across > 1 && whole.cols < across*shortestFinish
	c.pool.Run(down*across, func(_, task int) {
		row, rows := cut(whole.rows, rowPanels, c.rowsEach, task/across, down)
		col, cols := cut(whole.cols, colPanels, k.cols, task%across, across)
		c.task(part{whole.row + row, rows, whole.col + col, cols})
		if finished && !short {
			c.p.finish(whole.row+row, rows, whole.col+col, cols)
		}
	})
	if finished && short {
		c.finish(whole)
	}
}

// shortestFinish is the row length from which Finish is called for part of a row.
const shortestFinish = 256

// finish reports a finished part of C, in whole rows.
func (c *chunk) finish(t part) {
	if c.p.Finish == nil {
		return
	}
	tasks := min(t.rows, 2*c.pool.Size())
	c.pool.Run(tasks, func(_, i int) {
		first, end := t.rows*i/tasks, t.rows*(i+1)/tasks
		c.p.finish(t.row+first, end-first, t.col, t.cols)
	})
}

// cut is part i of n elements in panels, divided as evenly as whole panels allow.
func cut(n, panels, width, i, parts int) (first, count int) {
	first = panels * i / parts * width
	return first, min(n, panels*(i+1)/parts*width) - first
}

// within is the range of the panels' vectors, out of n.
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
}

// multiply adds the products of the chunk's depth to a part of C.
func (c *chunk) multiply(w *space, t part) {
	w.offsets = w.offsets[:0]
	for i := t.row; i < t.row+t.rows; i++ {
		w.offsets = append(w.offsets, c.p.row(i))
	}
	whole := t.rows - t.rows%c.rowsEach
	for _, d := range c.blocks() {
		a := c.left(w, t, d)
		for j := t.col; j < t.col+t.cols; {
			b := c.columnPanel(w, j, t.col+t.cols-j, d)
			j += b.width
			if whole > 0 {
				c.tiles(w, d, c.rowsEach, w.offsets[:whole], a, b)
			}
			if rest := t.rows - whole; rest > 0 {
				c.tiles(w, d, rest, w.offsets[whole:], a.after(whole, whole, d.depth), b)
			}
		}
	}
}

// left is A over a block of depth: shared, in place, or packed.
func (c *chunk) left(w *space, t part, d block) left {
	if c.a != nil {
		return left{packed: c.a.from(t.row, d)}
	}
	if c.inPlaceA != nil {
		return c.inPlace(w, c.inPlaceA, t, d)
	}
	own := &panels{block: d, data: w.a, width: c.rowsEach, vector: t.row, vectors: c.e.kernel.panel(t.rows)}
	own.fill(c.p.A, t.row, t.row+t.rows, c.p.M, d)
	return left{packed: own.data}
}

// A columnPanel is a panel of B over a block of depth.
type columnPanel struct {
	data   []float32
	width  int
	stride int // along the depth
	col    int // of C
}

// columnPanel is a panel of at most n columns that starts with column j: shared, packed, or B
// itself if it is used only once.
func (c *chunk) columnPanel(w *space, j, n int, d block) columnPanel {
	if c.b != nil {
		width := c.b.widthAt(j)
		return columnPanel{c.b.at(j, d), width, width, j}
	}
	k := c.e.kernel
	width := min(k.cols, roundUp(c.p.N-j, k.colStep))
	if b, ok := c.p.B.(Strided); ok && b.Vector == 1 && c.p.M <= c.rowsEach && j+width <= c.p.N {
		if c.p.M == 1 && 0 < k.wide && k.wide <= n {
			width = k.wide
		}
		return columnPanel{b.Data[j+d.first*b.Depth:], width, b.Depth, j}
	}
	own := panels{block: d, data: w.b, width: width, vector: j, vectors: width}
	own.fill(c.p.B, j, j+1, c.p.N, d)
	return columnPanel{own.data, width, width, j}
}

// tiles computes tiles of C, one below the other; at the edge of C, in a buffer, as many at once as
// it holds.
func (c *chunk) tiles(w *space, d block, rows int, offsets []int, a left, b columnPanel) {
	k, n := c.e.kernel, c.p.N-b.col
	if n >= b.width {
		a.multiply(k, rows, b.width, d.depth, b.data, b.stride, c.p.C[b.col:], offsets, d.first == 0)
		return
	}
	for len(offsets) > 0 {
		panels := min(len(offsets), len(w.edges)) / rows
		some := panels * rows
		a.multiply(k, rows, b.width, d.depth, b.data, b.stride, w.edge, w.edges[:some], true)
		for i, at := range offsets[:some] {
			addRow(c.p.C[at+b.col:][:n], w.edge[w.edges[i]:][:n], d.first == 0)
		}
		if offsets = offsets[some:]; len(offsets) > 0 {
			a = a.after(some, panels*k.panel(rows), d.depth)
		}
	}
}

// addRow adds sums to a row unless they are the first.
func addRow(row, sums []float32, first bool) {
	for j, s := range sums {
		if first {
			row[j] = s
		} else {
			row[j] += s
		}
	}
}
