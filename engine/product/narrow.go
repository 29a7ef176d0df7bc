package product

// A product of few columns would waste most of a tile. Its transpose has few rows, for which there
// are tiles, and reads the large operand only once: so the transpose is computed into a buffer and
// transposed back.

// narrow reports whether to compute the transpose.
func (e *Engine) narrow(p *Product) bool {
	return p.N <= e.kernel.colStep/2 && p.M >= 2*e.kernel.cols && p.N <= e.kernel.rows
}

// turned computes a product through its transpose, as many rows at a time as the buffer holds.
func (e *Engine) turned(p *Product) {
	most := min(p.M, e.shared/p.N)
	t := e.spaces.takeShared(most * p.N)
	defer e.spaces.giveShared(t)
	for row := 0; row < p.M; row += most {
		rows := min(most, p.M-row)
		e.chunks(Product{M: p.N, N: rows, K: p.K, A: p.B, B: after(p.A, row), C: t}) // [N, rows]
		pool := e.poolFor(rows * p.N * p.K)
		parts := min(rows, pool.Size())
		pool.Run(parts, func(_, part int) {
			first, end := rows*part/parts, rows*(part+1)/parts
			for i := first; i < end; i++ {
				at := p.row(row + i)
				for j := range p.C[at : at+p.N] {
					p.C[at+j] = t[j*rows+i]
				}
			}
			p.finish(row+first, end-first, 0, p.N)
		})
	}
}

// later is an operand without its first vectors.
type later struct {
	operand Operand
	vectors int
}

// after returns an operand without its first vectors.
func after(o Operand, vectors int) Operand {
	if vectors == 0 {
		return o
	}
	return later{o, vectors}
}

// Pack implements [Operand].
func (l later) Pack(dst []float32, width, v, n, first, depth int) {
	l.operand.Pack(dst, width, l.vectors+v, n, first, depth)
}
