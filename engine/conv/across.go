package conv

// across packs a lattice one depth element at a time, across the vectors: for lattices whose
// vectors are adjacent in memory, and as the general case.
type across struct{ lattice }

// Pack implements product.Operand.
func (l *across) Pack(dst []float32, width, v, n, first, depth int) {
	var p panel
	for i := 0; i < n; i += most {
		l.panel(&p, v+i, min(most, n-i))
		l.fill(dst[i:], width, &p, first, depth)
	}
	if n < width {
		zero(dst[n:], width, width-n, depth)
	}
}

// fill packs a panel in blocks along the last axis of depth.
func (l *across) fill(dst []float32, width int, p *panel, first, depth int) {
	v, inner := l.vectors[len(l.vectors)-1], l.depth[len(l.depth)-1]
	for d := 0; d < depth; {
		s, digit := locate(l.depth, first+d)
		count := min(depth-d, inner.size-digit)
		to := dst[d*width:]
		whole := l.whole(p, s, inner, count)
		for _, r := range p.runs[:p.count] {
			if whole {
				l.copy(to[r.first:], width, r.offset+s.offset, inner.stride, v.stride, r.n, count)
			} else {
				l.block(to[r.first:], width, r.plus(s), r.n, count)
			}
		}
		d += count
	}
}

// block packs a block along the last axes of vectors and depth.
func (l *across) block(dst []float32, width int, at spot, n, depth int) {
	v, d := l.vectors[len(l.vectors)-1], l.depth[len(l.depth)-1]
	switch {
	case !l.present(at, v.bound, d.bound):
		zero(dst, width, n, depth)
	case v.bound >= 0 && v.bound == d.bound:
		for p := range depth {
			row := dst[p*width : p*width+n]
			lo, hi := l.along(v, at, n)
			clear(row[:lo])
			clear(row[hi:])
			if lo < hi {
				l.packer.copyBlock(row[lo:], width, l.data[at.offset+lo*v.stride:], d.stride, v.stride, hi-lo, 1)
			}
			at.offset += d.stride
			at.at[d.bound] += d.step
		}
	default:
		lo, hi := l.along(v, at, n)
		top, end := l.along(d, at, depth)
		if hi-lo < n || end-top < depth {
			zero(dst, width, n, depth)
		}
		if lo < hi && top < end {
			l.copy(dst[top*width+lo:], width, at.offset+top*d.stride+lo*v.stride, d.stride, v.stride, hi-lo, end-top)
		}
	}
}

// copy packs a block without padding; strides may be negative.
func (l *across) copy(dst []float32, width, offset, depthStride, vectorStride, n, depth int) {
	if depthStride >= 0 && vectorStride >= 0 {
		l.packer.copyBlock(dst, width, l.data[offset:], depthStride, vectorStride, n, depth)
		return
	}
	for p := range depth {
		at := offset + p*depthStride
		for i := range n {
			dst[p*width+i] = l.data[at]
			at += vectorStride
		}
	}
}

// copyBlock writes dst[p*width+i] = src[p*depthStride+i*vectorStride].
func (k *packer) copyBlock(dst []float32, width int, src []float32, depthStride, vectorStride, n, depth int) {
	if vectorStride == 1 {
		k.copyRows(dst, width, src, depthStride, n, depth)
		return
	}
	for p := range depth {
		row, at := dst[p*width:p*width+n], p*depthStride
		for i := range row {
			row[i] = src[at]
			at += vectorStride
		}
	}
}
