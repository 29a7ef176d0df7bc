package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/ir"
)

// kernels choose how a node is computed; a choice returns nil if it has no kernel
// for the node's types. Each file of kernels adds its own.
var kernels = map[compute.OpType]func(*Backend, *ir.Node) kernel{}
