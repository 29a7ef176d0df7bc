package cpu

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// A Function records operations. It implements compute.Function. Each operation is also recorded on
// gomlx's Go backend (the shadow), which validates it and infers its shapes, so that there is a
// single source of both.
type Function struct {
	notimplemented.Function
	builder  *Builder
	name     string
	parent   *Function
	graph    ir.Graph
	own      map[*ir.Node]bool
	captures []ir.Value            // values of the parent read by this closure
	captured map[ir.Value]ir.Value // from a value of the parent to its node here
	shadow   compute.Function
	shadows  map[ir.Value]compute.Value
	returned bool
}

// Name implements compute.Function.
func (f *Function) Name() string { return f.name }

// Builder implements compute.Function.
func (f *Function) Builder() compute.Builder { return f.builder }

// Parent implements compute.Function.
func (f *Function) Parent() compute.Function {
	if f.parent == nil {
		return nil
	}
	return f.parent
}

// Shape implements compute.Function.
func (f *Function) Shape(v compute.Value) (shapes.Shape, error) { return f.builder.OpShape(v) }

// Closure implements compute.Function.
func (f *Function) Closure() (compute.Function, error) {
	shadow, err := f.shadow.Closure()
	if err != nil {
		return nil, err
	}
	return f.builder.function("", f, shadow), nil
}

// Parameter implements compute.Function.
func (f *Function) Parameter(name string, shape shapes.Shape, sharding *compute.ShardingSpec) (compute.Value, error) {
	if sharding != nil {
		return nil, errors.Wrapf(compute.ErrNotImplemented, "parameter %q: sharding", name)
	}
	if !shape.Ok() || shape.IsDynamic() {
		return nil, errors.Errorf("parameter %q: no tensor has the shape %s", name, shape)
	}
	shadow, err := f.shadow.Parameter(name, shape, nil)
	if err != nil {
		return nil, err
	}
	n := &ir.Node{Op: compute.OpTypeParameter, Outputs: []shapes.Shape{shape.Clone()}, Attributes: map[string]any{"name": name}}
	f.graph.Parameters = append(f.graph.Parameters, n)
	return f.add(n, shadow)[0], nil
}

// Constant implements compute.Function.
func (f *Function) Constant(flat any, dims ...int) (compute.Value, error) {
	if reflect.TypeOf(flat) == nil || reflect.TypeOf(flat).Kind() != reflect.Slice {
		return nil, errors.Errorf("a constant is made of a slice, not of %T", flat)
	}
	dtype := dtypes.FromGoType(reflect.TypeOf(flat).Elem())
	if dtype == dtypes.InvalidDType {
		return nil, errors.Errorf("a constant cannot be made of %T", flat)
	}
	shape := shapes.Make(dtype, dims...)
	if n := reflect.ValueOf(flat).Len(); n != shape.Size() {
		return nil, errors.Errorf("a constant of %s has %d values, got %d", shape, shape.Size(), n)
	}
	value := tensor.FromFlat(flat, shape)
	shadow, err := f.shadow.Constant(value.Flat(), dims...)
	if err != nil {
		return nil, err
	}
	n := &ir.Node{Op: compute.OpTypeConstant, Outputs: []shapes.Shape{shape}, Constant: &value}
	return f.add(n, shadow)[0], nil
}

// Identity implements compute.Function.
func (f *Function) Identity(x compute.Value) (compute.Value, error) { return x, nil }

// Return implements compute.Function.
func (f *Function) Return(outputs []compute.Value, sharding []*compute.ShardingSpec) error {
	if f.returned {
		return errors.New("the function has already returned")
	}
	if len(outputs) == 0 {
		return errors.New("a function returns at least one value")
	}
	for _, s := range sharding {
		if s != nil {
			return errors.Wrapf(compute.ErrNotImplemented, "sharding")
		}
	}
	for _, o := range outputs {
		v, err := f.local(o)
		if err != nil {
			return err
		}
		f.graph.Outputs = append(f.graph.Outputs, v)
	}
	f.returned = true
	return nil
}

// add adds a node with the given shadows as outputs.
func (f *Function) add(n *ir.Node, shadows ...compute.Value) []compute.Value {
	f.graph.Nodes = append(f.graph.Nodes, n)
	f.own[n] = true
	out := make([]compute.Value, len(shadows))
	for i, s := range shadows {
		v := ir.Value{Node: n, Index: i}
		f.shadows[v] = s
		out[i] = v
	}
	return out
}

// local returns this function's node for a value, which may belong to an enclosing function.
func (f *Function) local(value compute.Value) (ir.Value, error) {
	v, ok := value.(ir.Value)
	if !ok || v.Node == nil {
		return v, errors.Errorf("%T is no value of this backend", value)
	}
	if f.own[v.Node] {
		return v, nil
	}
	if here, ok := f.captured[v]; ok {
		return here, nil
	}
	if f.parent == nil {
		return v, errors.Errorf("the value of %s belongs to another function", v.Node.Op)
	}
	outer, err := f.parent.local(v)
	if err != nil {
		return v, err
	}
	n := &ir.Node{Op: compute.OpTypeCapturedValue, Outputs: []shapes.Shape{v.Shape()}}
	here := f.add(n, f.parent.shadows[outer])[0].(ir.Value)
	f.captured[v] = here
	f.captures = append(f.captures, outer)
	return here, nil
}

// record records an operation.
func (f *Function) record(op compute.OpType, inputs []compute.Value, attributes map[string]any, replay ir.Replay) ([]compute.Value, error) {
	if f.returned {
		return nil, errors.Errorf("%s after the function has returned", op)
	}
	n := &ir.Node{Op: op, Attributes: attributes, Replay: replay}
	shadows := make([]compute.Value, len(inputs))
	for i, in := range inputs {
		v, err := f.local(in)
		if err != nil {
			return nil, errors.WithMessagef(err, "%s, operand %d", op, i)
		}
		n.Inputs = append(n.Inputs, v)
		shadows[i] = f.shadows[v]
	}
	var results []compute.Value
	var err error
	if standIn := standIns[op]; standIn != nil {
		results, err = standIn(f.shadow, n, shadows)
	} else {
		results, err = replay(f.shadow, shadows)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		shape, err := f.shadow.Shape(r)
		if err != nil {
			return nil, err
		}
		n.Outputs = append(n.Outputs, shape.Clone())
	}
	return f.add(n, results...), nil
}

// The interface returns one, two or many values; a node has a list of them.

func list(v compute.Value, err error) ([]compute.Value, error) { return []compute.Value{v}, err }

func listTwo(v, w compute.Value, err error) ([]compute.Value, error) {
	return []compute.Value{v, w}, err
}

func first(v []compute.Value, err error) (compute.Value, error) {
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

func firstTwo(v []compute.Value, err error) (compute.Value, compute.Value, error) {
	if err != nil {
		return nil, nil, err
	}
	return v[0], v[1], nil
}
