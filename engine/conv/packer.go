package conv

import (
	"fmt"
	"math"
	"unsafe"

	"atelier/engine/simd"
)

//go:generate go run ./gen -dir .

// A packer arranges elements for the product's micro-kernels, on one path.
type packer struct {
	lanes int // vectors per kernel call; 0: there are no kernels
	rows  []rowsKernel
}

// A rowsKernel copies number rows of n elements.
type rowsKernel func(dst *float32, width int, src *float32, stride, count int)

func packerFor(path simd.Path) *packer {
	if p, ok := packers[path]; ok {
		return p
	}
	return &packer{}
}

// absent is the offset of a vector beyond an edge.
const absent = math.MinInt

// longest is the largest number of elements gathered at once, the length of nothings.
const longest = 512

// nothings are zeros that stand in for absent vectors.
var nothings [longest]float32

// gather writes dst[p*width+i] = src[base+offsets[i]+p] for p < depth, and 0 where
// the offset is absent. There are at most most vectors.
func (k *packer) gather(dst []float32, width int, src []float32, base int, offsets []int, depth int) {
	n := len(offsets)
	if len(dst) < (depth-1)*width+n || n > min(width, most) {
		panic(fmt.Sprintf("conv: %d elements of %d vectors into %d", depth, n, len(dst)))
	}
	groups := 0
	if k.lanes > 0 && depth <= longest {
		groups = depth / 4
	}
	if groups > 0 {
		k.gatherGroups(dst, width, src, base, offsets, groups)
	}
	gatherRest(dst, width, src, base, offsets, 4*groups, depth)
}

// gatherGroups gathers groups of four elements.
func (k *packer) gatherGroups(dst []float32, width int, src []float32, base int, offsets []int, groups int) {
	var from [most]int
	start := unsafe.SliceData(src)
	for i, offset := range offsets {
		at := base + offset
		switch {
		case offset == absent:
			// The distance to static memory that holds zeros.
			at = (int(uintptr(unsafe.Pointer(&nothings))) - int(uintptr(unsafe.Pointer(start)))) / 4
		case at < 0 || at+4*groups > len(src):
			panic(fmt.Sprintf("conv: %d elements at %d of %d", 4*groups, at, len(src)))
		}
		from[i] = at
	}
	for i := 0; i < len(offsets); i += k.lanes {
		n := min(k.lanes, len(offsets)-i)
		k.gatherVectors(n, &dst[i], width, start, &from[i], groups)
	}
}

// gatherRest gathers the elements from one on.
func gatherRest(dst []float32, width int, src []float32, base int, offsets []int, from, depth int) {
	if from == depth {
		return
	}
	for i, offset := range offsets {
		if offset == absent {
			zero(dst[from*width+i:], width, 1, depth-from)
			continue
		}
		at := from*width + i
		for _, x := range src[base+offset+from : base+offset+depth] {
			dst[at] = x
			at += width
		}
	}
}

// copyRows writes dst[p*width+i] = src[p*stride+i] for p < count and i < n.
func (k *packer) copyRows(dst []float32, width int, src []float32, stride, n, count int) {
	if n < 1 || count < 1 || stride < 0 || len(dst) < (count-1)*width+n || len(src) < (count-1)*stride+n {
		panic(fmt.Sprintf("conv: %d rows of %d elements from %d into %d", count, n, len(src), len(dst)))
	}
	if k.lanes == 0 {
		for p := range count {
			copy(dst[p*width:p*width+n], src[p*stride:p*stride+n])
		}
		return
	}
	for i := 0; i < n; i += k.lanes {
		k.rows[min(k.lanes, n-i)](&dst[i], width, &src[i], stride, count)
	}
}

// zero packs zeros.
func zero(dst []float32, width, n, depth int) {
	for p := range depth {
		clear(dst[p*width : p*width+n])
	}
}
