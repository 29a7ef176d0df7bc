package scalar

import (
	"fmt"

	"github.com/gomlx/compute/shapes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

const (
	tile  = 1024      // values per kernel call: they stay in the L1 cache
	block = 16 * tile // values per task
)

// blocks divides n values into tasks. The division depends only on n.
func blocks(pool *threads.Pool, n int, work func(from, to int)) {
	pool.Run((n+block-1)/block, func(_, task int) {
		work(task*block, min((task+1)*block, n))
	})
}

// tiles calls work for the tiles of [from, to).
func tiles(from, to int, work func(from, to int)) {
	for ; from < to; from += tile {
		work(from, min(from+tile, to))
	}
}

// A column is an operand as seen by the output: one value for each of the output's elements.
type column[T any] struct {
	values []T
	same   []T    // a tile of the value of a scalar operand
	axes   []axis // nil if the operand has the output's shape
}

// An axis is a group of the output's axes along which the operand either moves with the output or
// repeats (stride 0).
type axis struct{ size, stride int }

func newColumn[T any](in tensor.Tensor, out shapes.Shape) column[T] {
	c := column[T]{values: tensor.As[T](in.Bytes)}
	n := out.Size()
	switch len(c.values) {
	case n:
	case 1:
		c.same = make([]T, min(tile, n))
		for i := range c.same {
			c.same[i] = c.values[0]
		}
	default:
		c.axes = repeats(in.Shape, out)
	}
	return c
}

// repeats says how an operand with axes of size 1 is broadcast to the output's shape.
func repeats(in, out shapes.Shape) []axis {
	if in.Rank() != out.Rank() {
		panic(fmt.Sprintf("scalar: %s does not broadcast to %s", in, out))
	}
	var axes []axis // innermost first
	stride := 1
	for i := out.Rank() - 1; i >= 0; i-- {
		a := axis{size: out.Dimensions[i]}
		if d := in.Dimensions[i]; d == a.size {
			a.stride = stride
			stride *= d
		} else if d != 1 {
			panic(fmt.Sprintf("scalar: %s does not broadcast to %s", in, out))
		}
		last := len(axes) - 1
		switch {
		case a.size == 1:
		case last >= 0 && (axes[last].stride == 0) == (a.stride == 0):
			axes[last].size *= a.size
		default:
			axes = append(axes, a)
		}
	}
	return axes
}

// A cursor reads a column from one element of the output onward.
type cursor[T any] struct {
	column[T]
	next  int   // element of the output
	index []int // of next along the axes
	at    int   // of next in values
	tile  []T
}

func (c column[T]) from(element int) *cursor[T] {
	r := &cursor[T]{column: c, next: element}
	if c.axes == nil {
		return r
	}
	r.index = make([]int, len(c.axes))
	r.tile = make([]T, tile)
	for i, a := range c.axes {
		r.index[i] = element % a.size
		r.at += r.index[i] * a.stride
		element /= a.size
	}
	return r
}

// read returns the next n values, n at most [tile]. They are valid until the next call.
func (c *cursor[T]) read(n int) []T {
	first := c.next
	c.next += n
	switch {
	case c.same != nil:
		return c.same[:n]
	case c.axes == nil:
		return c.values[first:c.next]
	}
	inner := c.axes[0]
	for to := c.tile[:n]; len(to) > 0; {
		run := min(inner.size-c.index[0], len(to))
		if inner.stride == 0 {
			v := c.values[c.at]
			for i := range run {
				to[i] = v
			}
		} else {
			copy(to[:run], c.values[c.at:])
		}
		to = to[run:]
		c.advance(run)
	}
	return c.tile[:n]
}

// advance moves along the innermost axis, at most to its end.
func (c *cursor[T]) advance(run int) {
	c.index[0] += run
	c.at += run * c.axes[0].stride
	for i := 0; c.index[i] == c.axes[i].size && i+1 < len(c.axes); i++ {
		c.at += c.axes[i+1].stride - c.axes[i].size*c.axes[i].stride
		c.index[i] = 0
		c.index[i+1]++
	}
}
