package reduce

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
)

// A plan is a reduction with adjacent axes of one kind merged and axes of size 1 dropped, so that
// kept and reduced axes alternate. The last reduced axis is a run of length steps; anything after
// it is kept.
type plan struct {
	outputs axes // kept, before the run
	passes  axes // reduced, before the run
	length  int  // of the run
	width   int  // values per step: the size of the last axis if that is kept, else 1
}

// An axis has size steps, stride values apart.
type axis struct{ size, stride int }

type axes []axis // outermost first

// count is the total number of steps of all axes.
func (a axes) count() int {
	n := 1
	for _, x := range a {
		n *= x.size
	}
	return n
}

// offset is the offset of step i.
func (a axes) offset(i int) int {
	at := 0
	for k := len(a) - 1; k >= 0; k-- {
		at += i % a[k].size * a[k].stride
		i /= a[k].size
	}
	return at
}

func planOf(in, out shapes.Shape, reduced []int) plan {
	var kinds []bool // whether an axis is reduced
	var merged axes
	stride := in.Size()
	for i, size := range in.Dimensions {
		if size <= 1 {
			continue
		}
		stride /= size
		kind := slices.Contains(reduced, i) || len(reduced) == 0 && out.Rank() < in.Rank()
		if last := len(kinds) - 1; last >= 0 && kinds[last] == kind {
			merged[last].size *= size
			merged[last].stride = stride
		} else {
			kinds, merged = append(kinds, kind), append(merged, axis{size, stride})
		}
	}
	last := len(kinds) - 1 // the last reduced axis
	if last >= 0 && !kinds[last] {
		last--
	}
	p := plan{length: 1, width: 1}
	kept := 1
	for i, a := range merged {
		switch {
		case i == last:
			p.length = a.size
			continue
		case kinds[i]:
			p.passes = append(p.passes, a)
			continue
		case i > last:
			p.width = a.size
		default:
			p.outputs = append(p.outputs, a)
		}
		kept *= a.size
	}
	if in.Size() > 0 && kept != out.Size() {
		panic(fmt.Sprintf("reduce: %s over axes %v is not %s", in, reduced, out))
	}
	return p
}
