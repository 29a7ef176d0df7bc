package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"atelier/engine/ir"
)

// closure returns a finished closure of f.
func (f *Function) closure(g compute.Function, role string) (*Function, error) {
	c, ok := g.(*Function)
	if !ok || c == nil || c.parent != f || !c.returned {
		return nil, errors.Errorf("%s is not a closure of this function that has returned", role)
	}
	return c, nil
}

// An around applies an operation with closures and inputs in g.
type around func(g compute.Function, closures []compute.Function, inputs []compute.Value) ([]compute.Value, error)

// control records an operation that takes closures. Captured values become inputs of the node,
// after its own.
func (f *Function) control(op compute.OpType, closures []*Function, inputs []compute.Value, call around) ([]compute.Value, error) {
	all := append([]compute.Value(nil), inputs...)
	for _, c := range closures {
		for _, v := range c.captures {
			all = append(all, v)
		}
	}
	return f.record(op, all, nil, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
		rest := in[len(inputs):]
		var again []compute.Function
		for _, c := range closures {
			r, err := c.replay(g, rest[:len(c.captures)])
			if err != nil {
				return nil, err
			}
			again = append(again, r)
			rest = rest[len(c.captures):]
		}
		return call(g, again, in[:len(inputs)])
	})
}

// replay records a closure again within g, with its captured values.
func (c *Function) replay(g compute.Function, captures []compute.Value) (compute.Function, error) {
	out, err := g.Closure()
	if err != nil {
		return nil, err
	}
	values := map[ir.Value]compute.Value{}
	for i, v := range c.captures {
		for outer, here := range c.captured {
			if o, err := c.parent.local(outer); err == nil && o == v {
				values[here] = captures[i]
			}
		}
	}
	for i, p := range c.graph.Parameters {
		v, err := out.Parameter(fmt.Sprintf("p%d", i), p.Outputs[0], nil)
		if err != nil {
			return nil, err
		}
		values[ir.Value{Node: p}] = v
	}
	if err := again(out, c.graph.Nodes, values); err != nil {
		return nil, err
	}
	results := make([]compute.Value, len(c.graph.Outputs))
	for i, o := range c.graph.Outputs {
		results[i] = values[o]
	}
	return out, out.Return(results, nil)
}

// again records nodes in another function; values maps what they read and receives what they
// produce.
func again(g compute.Function, nodes []*ir.Node, values map[ir.Value]compute.Value) error {
	for _, n := range nodes {
		var results []compute.Value
		var err error
		switch {
		case n.Constant != nil:
			results, err = list(g.Constant(n.Constant.Flat(), n.Constant.Shape.Dimensions...))
		case n.Replay != nil:
			in := make([]compute.Value, len(n.Inputs))
			for i, v := range n.Inputs {
				in[i] = values[v]
			}
			results, err = n.Replay(g, in)
		default:
			continue // parameters and captured values are there already
		}
		if err != nil {
			return err
		}
		for i, r := range results {
			values[ir.Value{Node: n, Index: i}] = r
		}
	}
	return nil
}

// Sort implements compute.Function.
func (f *Function) Sort(comparator compute.Function, axis int, stable bool, inputs ...compute.Value) ([]compute.Value, error) {
	c, err := f.closure(comparator, "the comparator of Sort")
	if err != nil {
		return nil, err
	}
	return f.control(compute.OpTypeSort, []*Function{c}, inputs, func(g compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return g.Sort(c[0], axis, stable, in...)
	})
}

// While implements compute.Function.
func (f *Function) While(cond, body compute.Function, state ...compute.Value) ([]compute.Value, error) {
	c, err := f.closure(cond, "the condition of While")
	if err != nil {
		return nil, err
	}
	b, err := f.closure(body, "the body of While")
	if err != nil {
		return nil, err
	}
	return f.control(compute.OpTypeWhile, []*Function{c, b}, state, func(g compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return g.While(c[0], c[1], in...)
	})
}

// If implements compute.Function.
func (f *Function) If(pred compute.Value, yes, no compute.Function) ([]compute.Value, error) {
	y, err := f.closure(yes, "the true branch of If")
	if err != nil {
		return nil, err
	}
	n, err := f.closure(no, "the false branch of If")
	if err != nil {
		return nil, err
	}
	return f.control(compute.OpTypeIf, []*Function{y, n}, []compute.Value{pred}, func(g compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return g.If(in[0], c[0], c[1])
	})
}

// Call implements compute.Function: the called function's operations are recorded
// here.
func (f *Function) Call(target compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	t, ok := target.(*Function)
	if !ok || t == nil || t.builder != f.builder || !t.returned {
		return nil, errors.New("Call: the target is not a function of this builder that has returned")
	}
	if len(inputs) != len(t.graph.Parameters) {
		return nil, errors.Errorf("Call: function %q takes %d values, got %d", t.name, len(t.graph.Parameters), len(inputs))
	}
	values := map[ir.Value]compute.Value{}
	for i, p := range t.graph.Parameters {
		shape, err := f.Shape(inputs[i])
		if err != nil {
			return nil, err
		}
		if !shape.Equal(p.Outputs[0]) {
			return nil, errors.Errorf("Call: function %q takes %s as value %d, got %s", t.name, p.Outputs[0], i, shape)
		}
		values[ir.Value{Node: p}] = inputs[i]
	}
	if err := again(f, t.graph.Nodes, values); err != nil {
		return nil, err
	}
	out := make([]compute.Value, len(t.graph.Outputs))
	for i, o := range t.graph.Outputs {
		out[i] = values[o]
	}
	return out, nil
}
