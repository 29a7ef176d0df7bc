// Package vjp corrects gradients of gomlx v0.28.8 that are wrong or missing, at first and second
// order, on any backend. Importing it is enough for the single-node operations that gomlx has no
// gradient for: Rsqrt, Expm1 and Clamp. Convolutions and pooling are functions here, because a node
// does not expose its geometry: [Conv], [ConvTransposed], [MaxPool].
//
// These need no correction, whatever the order: batch normalisation written in primitive
// operations, DynamicSlice and DynamicUpdateSlice (gomlx's gradients are right; its Go backend
// lacks the operations), ClipScalar.
package vjp

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// A gradient maps the gradient with respect to a node's value to those with
// respect to its inputs; nil is zero.
type gradient func(v *graph.Node) []*graph.Node

// remembered is the key of a node's gradient among its graph's states.
type remembered struct{ node graph.NodeId }

// remember makes f the gradient of a node whose type is registered with [recall].
func remember(node *graph.Node, f gradient) {
	node.Graph().AttachState(remembered{node.Id()}, f)
}

// recall is the gradient of the nodes made by this package. Others are refused: gomlx's own is
// wrong for some of them and does not say for which.
func recall(node *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
	f, ok := recalled(node)
	if !ok {
		exceptions.Panicf("no gradient of %s, for it was not made by the package vjp, which knows the right ones", node)
	}
	return f(v[0])
}

// recalled is the gradient that was remembered, if one was.
func recalled(node *graph.Node) (gradient, bool) {
	f, ok := node.Graph().State(remembered{node.Id()}).(gradient)
	return f, ok
}

func init() {
	graph.VJPRegistration[graph.NodeTypeConvGeneral] = recall
	graph.VJPRegistration[graph.NodeTypeReduceWindow] = reduceWindow
	graph.VJPRegistration[graph.NodeTypeSelectAndScatterMax] = recall
	graph.VJPRegistration[graph.NodeTypeRsqrt] = rsqrt
	graph.VJPRegistration[graph.NodeTypeExpm1] = expm1
	graph.VJPRegistration[graph.NodeTypeClamp] = clamp
}
