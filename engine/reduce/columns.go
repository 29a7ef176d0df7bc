package reduce

import "atelier/engine/threads"

// strips says how steps of several values are combined. Narrow steps are processed several at a
// time, side by side, as one strip; strips are grouped.
type strips struct {
	plan
	steps  int // per strip
	perRun int // per run; the last strip may be shorter
	group  int // strips per group
	groups int // groups per output
	tile   int // columns per task: all of them, if strips have more than one step
	tiles  int
}

const (
	strip     = 512  // values that a strip has at least, if there are that many
	widest    = 2048 // largest number of columns per task: the running results stay in the L1 cache
	narrowest = 256  // and the smallest
	mostParts = 64   // largest number of groups per output
)

// stripsOf divides a plan. All but the tiles depends only on the run and the passes.
func stripsOf(p plan, threads int) strips {
	c := strips{plan: p, steps: min(ceil(strip, p.width), p.length), tile: p.width, tiles: 1}
	c.perRun = ceil(p.length, c.steps)
	all := c.perRun * p.passes.count()
	c.group = max(lanes, part/(c.steps*p.width), ceil(all, mostParts))
	c.groups = ceil(all, c.group)
	if c.steps == 1 {
		c.tile = min(p.width, widest)
		if p.outputs.count()*c.groups*ceil(p.width, widest) < 2*threads {
			c.tile = min(p.width, narrowest)
		}
		c.tiles = ceil(p.width, c.tile)
	}
	return c
}

// columns reduces steps of several values: value i of each with value i of the others.
func (r *reduction[T, A]) columns(pool *threads.Pool, out, in []T, p plan) {
	c := stripsOf(p, pool.Size())
	var parts []A // [outputs, groups, width]
	if c.groups > 1 {
		parts = make([]A, len(out)*c.groups)
	}
	units := p.outputs.count() * c.groups * c.tiles
	each := max(1, task/(min(c.group, c.perRun*p.passes.count())*c.steps*c.tile))
	pool.Run(ceil(units, each), func(_, t int) {
		var s scratch[A]
		acc := make([]A, c.steps*c.tile)
		for unit := t * each; unit < min((t+1)*each, units); unit++ {
			i, from := unit/c.tiles, unit%c.tiles*c.tile
			width := min(c.tile, p.width-from)
			r.strips(&s, acc[:c.steps*width], in[p.outputs.offset(i/c.groups)+from:], c, i%c.groups)
			if at := i*p.width + from; c.groups > 1 {
				copy(parts[at:], acc[:width])
			} else {
				r.store(out[at:at+width], acc[:width])
			}
		}
	})
	if c.groups > 1 {
		r.joinGroups(pool, out, parts, c)
	}
}

// strips combines a group of strips of the output whose values start at in.
func (r *reduction[T, A]) strips(s *scratch[A], acc []A, in []T, c strips, group int) {
	fill(acc, r.identity)
	for i := group * c.group; i < min((group+1)*c.group, c.perRun*c.passes.count()); i++ {
		first := i % c.perRun * c.steps
		n := len(acc) / c.steps * min(c.steps, c.length-first)
		r.add(s, acc[:n], in[c.passes.offset(i/c.perRun)+first*c.width:][:n])
	}
	width := len(acc) / c.steps
	for k := 1; k < c.steps; k++ {
		r.join(acc[:width], acc[k*width:(k+1)*width])
	}
}

// joinGroups combines the groups of every output, in order.
func (r *reduction[T, A]) joinGroups(pool *threads.Pool, out []T, parts []A, c strips) {
	pool.Run(len(out)/c.width, func(_, i int) {
		groups := parts[i*c.groups*c.width : (i+1)*c.groups*c.width]
		acc := groups[:c.width]
		for k := 1; k < c.groups; k++ {
			r.join(acc, groups[k*c.width:(k+1)*c.width])
		}
		r.store(out[i*c.width:(i+1)*c.width], acc)
	})
}
