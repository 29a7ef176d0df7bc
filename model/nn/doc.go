// Package nn holds the layers that networks are made of: one a file. Every
// layer is made of operations whose gradients are right to second order, gomlx's
// or those of the package vjp, so that a gradient penalty can go through all of
// them. Images are [batch, height, width, channels]; a layer computes in the type
// of its input.
//
// A layer takes the scope that its variables live in. The same scope path may
// be used by several calls in one graph: they share the variables.
package nn
