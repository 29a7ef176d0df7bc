package dots

import (
	"sync/atomic"

	"atelier/internal/quant"
)

// A product is a call of Multiply for matrices of one type, with its memory.
type product struct {
	dots       *Dots
	x          []float32
	rows, cols int
	targets    []target
	direct     bool // kernels.direct is used
	parts      int  // of all targets
	ranges     []taken
	active     activations
	spaces     []space                // of the workers
	work       func(worker, task int) // the method values share
	quantizing func(worker, task int) // and quantize
}

// A target is a matrix that the vectors are multiplied by, and where the results go.
type target struct {
	*product
	dst     []float32
	m       quant.Matrix
	step    int // outputs computed at once
	chunk   int // columns computed at once
	outputs int // per part, a multiple of step
	first   int // part
}

// taken is the next part of a range, alone in its cache lines.
type taken struct {
	next atomic.Int64
	_    [120]byte
}

// A space is the memory of a worker.
type space struct {
	panel panel
	wide  []float32 // weights as float32, or results of a partial panel
	tile  tile
	dense dense
}

// The work of a part, in multiplications: enough that taking it costs little. A product of fewer
// than two such parts runs in the caller.
const partWork = 1 << 17

func newProduct(d *Dots) *product {
	p := &product{dots: d, ranges: make([]taken, d.n), spaces: make([]space, d.n)}
	for i := range p.spaces {
		s := &p.spaces[i]
		s.panel.make(d.kernels)
		s.wide = make([]float32, max(outsAtOnce*floatChunk, maxTile*d.lanes))
	}
	p.work, p.quantizing = p.share, p.quantize
	return p
}

// add adds a target.
func (p *product) add(dst []float32, m quant.Matrix) {
	p.targets = append(p.targets, target{product: p, dst: dst, m: m})
}

// manyRows is the number of vectors that no longer fit a cache beside the weights, a few columns
// excepted.
const manyRows = 16

// multiply runs the whole product, whose targets are of one type.
func (p *product) multiply(x []float32, rows int) {
	kind, outs := p.targets[0].m.Type, 0
	p.x, p.rows, p.cols = x, rows, p.targets[0].m.Cols
	p.direct = rows == 1 && kind == quant.Q8_0 && p.dots.direct != nil
	for _, t := range p.targets {
		outs += t.m.Rows
		p.direct = p.direct && t.m.Rows >= p.dots.lanes
	}
	step, chunk := outsAtOnce, floatChunk
	if quantized(kind) {
		step, chunk = p.dots.lanes, quantChunk
		p.active.quantize(p, kind)
	}
	each := max(1, outs/step/(8*p.dots.n)) // enough parts that threads rarely wait for the last one
	if rows <= manyRows {
		each = min(each, max(1, partWork/(step*rows*p.cols)))
	}
	parallel := rows*outs*p.cols >= 2*partWork
	if !parallel {
		each = outs
	}
	p.parts = 0
	for i := range p.targets {
		t := &p.targets[i]
		t.step, t.chunk, t.outputs, t.first = step, chunk, each*step, p.parts
		p.parts += (t.m.Rows + t.outputs - 1) / t.outputs
	}
	for i := range p.ranges {
		p.ranges[i].next.Store(int64(p.begin(i)))
	}
	if parallel {
		p.dots.Run(len(p.ranges), p.work)
	} else {
		p.share(0, 0)
	}
	clear(p.targets) // which refer to memory of others
	p.x, p.targets = nil, p.targets[:0]
}

// begin is the first part of a thread's range.
func (p *product) begin(thread int) int { return p.parts * thread / len(p.ranges) }

// share computes the parts of a thread's range, so that it follows the matrix in memory, and then
// what others have left of theirs.
func (p *product) share(worker, thread int) {
	for range p.ranges {
		end := p.begin(thread + 1)
		for {
			i := int(p.ranges[thread].next.Add(1)) - 1
			if i >= end {
				break
			}
			p.part(worker, i)
		}
		thread = (thread + 1) % len(p.ranges)
	}
}

// part computes a part.
func (p *product) part(worker, i int) {
	t := len(p.targets) - 1
	for p.targets[t].first > i {
		t--
	}
	p.targets[t].part(&p.spaces[worker], i-p.targets[t].first)
}

// part computes a range of outputs. For few vectors it follows the matrix in memory; for many, only
// some columns fit into the cache, and it does those for all outputs first.
func (t *target) part(s *space, i int) {
	first := i * t.outputs
	end := min(first+t.outputs, t.m.Rows)
	if t.direct {
		t.inPlace(s, first, end)
		return
	}
	for r := range t.rows {
		clear(t.dst[r*t.m.Rows+first : r*t.m.Rows+end])
	}
	steps, chunks := (end-first+t.step-1)/t.step, (t.cols+t.chunk-1)/t.chunk
	for i := range steps * chunks {
		step, chunk := i/chunks, i%chunks
		if t.rows > manyRows {
			step, chunk = i%steps, i/steps
		}
		out, col := first+step*t.step, chunk*t.chunk
		outs, cols := min(t.step, end-out), min(t.chunk, t.cols-col)
		if quantized(t.m.Type) {
			t.quants(s, out, outs, col, cols)
		} else {
			t.floats(s, out, outs, col, cols)
		}
	}
}

// quantized reports whether a type has blocks of integers with scales.
func quantized(t quant.Type) bool {
	elements, _ := t.Block()
	return elements > 1
}
