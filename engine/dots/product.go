package dots

import "atelier/internal/quant"

// A product is one call of Multiply, with its memory.
type product struct {
	dots       *Dots
	dst, x     []float32
	rows       int
	m          quant.Matrix
	step       int // outputs computed at once
	chunk      int // columns computed at once
	outputs    int // per task, a multiple of step
	active     activations
	spaces     []space                // of the workers
	work       func(worker, task int) // the method values task
	quantizing func(worker, task int) // and quantize
}

// A space is the memory of a worker.
type space struct {
	panel panel
	wide  []float32 // weights as float32, or results of a partial panel
	tile  tile
	dense dense
}

// The work of a task, in multiplications: enough that handing it to another thread costs little. A
// product of fewer than two tasks runs in the caller.
const taskWork = 1 << 17

func newProduct(d *Dots) *product {
	p := &product{dots: d, spaces: make([]space, d.n)}
	for i := range p.spaces {
		s := &p.spaces[i]
		s.panel.make(d.kernels)
		s.wide = make([]float32, max(outsAtOnce*floatChunk, maxTile*d.lanes))
	}
	p.work, p.quantizing = p.task, p.quantize
	return p
}

// manyRows is the number of vectors that no longer fit a cache beside the weights, a few columns
// excepted.
const manyRows = 16

// multiply runs the whole product.
func (p *product) multiply(dst, x []float32, rows int, m quant.Matrix) {
	p.dst, p.x, p.rows, p.m = dst, x, rows, m
	p.step, p.chunk = outsAtOnce, floatChunk
	if quantized(m.Type) {
		p.step, p.chunk = p.dots.lanes, quantChunk
		p.active.quantize(p)
	}
	steps := (m.Rows + p.step - 1) / p.step
	each := max(1, steps/(8*p.dots.n)) // enough tasks that threads rarely wait for the last one
	if rows <= manyRows {
		each = min(each, max(1, taskWork/(p.step*rows*m.Cols)))
	}
	if rows*m.Rows*m.Cols < 2*taskWork {
		each = steps
	}
	p.outputs = each * p.step
	if tasks := (steps + each - 1) / each; tasks > 1 {
		p.dots.Run(tasks, p.work)
	} else {
		p.task(0, 0)
	}
	p.dst, p.x, p.m = nil, nil, quant.Matrix{}
}

// task computes a range of outputs. For few vectors it follows the matrix in memory; for many, only
// some columns fit into the cache, and it does those for all outputs first.
func (p *product) task(worker, task int) {
	first := task * p.outputs
	end := min(first+p.outputs, p.m.Rows)
	for r := range p.rows {
		clear(p.dst[r*p.m.Rows+first : r*p.m.Rows+end])
	}
	steps, chunks := (end-first+p.step-1)/p.step, (p.m.Cols+p.chunk-1)/p.chunk
	for i := range steps * chunks {
		step, chunk := i/chunks, i%chunks
		if p.rows > manyRows {
			step, chunk = i%steps, i/steps
		}
		out, col := first+step*p.step, chunk*p.chunk
		outs, cols := min(p.step, end-out), min(p.chunk, p.m.Cols-col)
		if quantized(p.m.Type) {
			p.quants(&p.spaces[worker], out, outs, col, cols)
		} else {
			p.floats(&p.spaces[worker], out, outs, col, cols)
		}
	}
}

// quantized reports whether a type has blocks of integers with scales.
func quantized(t quant.Type) bool {
	elements, _ := t.Block()
	return elements > 1
}
