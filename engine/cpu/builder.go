package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/ir"
)

// A Builder records functions. It implements compute.Builder.
type Builder struct {
	notimplemented.Builder
	backend *Backend
	name    string
	shadow  compute.Builder
	main    *Function
	named   map[string]*Function
}

func (b *Builder) function(name string, parent *Function, shadow compute.Function) *Function {
	return &Function{
		Function: notimplemented.Function{ErrFn: missing}, builder: b, name: name, parent: parent, shadow: shadow,
		shadows: map[ir.Value]compute.Value{}, captured: map[ir.Value]ir.Value{}, own: map[*ir.Node]bool{},
	}
}

// Name implements compute.Builder.
func (b *Builder) Name() string { return b.name }

// Main implements compute.Builder.
func (b *Builder) Main() compute.Function { return b.main }

// NewFunction implements compute.Builder.
func (b *Builder) NewFunction(name string) (compute.Function, error) {
	if name == "" || name == compute.MainName || b.named[name] != nil {
		return nil, errors.Errorf("a function cannot be named %q: the name is taken or empty", name)
	}
	shadow, err := b.shadow.NewFunction(name)
	if err != nil {
		return nil, err
	}
	if b.named == nil {
		b.named = map[string]*Function{}
	}
	b.named[name] = b.function(name, nil, shadow)
	return b.named[name], nil
}

// OpShape implements compute.Builder.
func (b *Builder) OpShape(v compute.Value) (shapes.Shape, error) {
	value, ok := v.(ir.Value)
	if !ok || value.Node == nil {
		return shapes.Invalid(), errors.Errorf("%T is no value of this backend", v)
	}
	return value.Shape(), nil
}

// Compile implements compute.Builder.
func (b *Builder) Compile() (compute.Executable, error) {
	if !b.main.returned {
		return nil, errors.New("the main function has not returned")
	}
	return b.backend.compile(ir.Live(&b.main.graph))
}
