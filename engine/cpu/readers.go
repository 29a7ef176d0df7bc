package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/ir"
)

// readers draft operations that read operands where they lie, through what only moves
// them. Each file of such operations adds its own.
var readers = map[compute.OpType]func(*Backend, *ir.Node) (draft, bool){}

// inPlace are operations whose only result may be written over their first operand.
var inPlace = map[compute.OpType]bool{
	compute.OpTypeDynamicUpdateSlice: true,
	compute.OpTypeScatterSum:         true, compute.OpTypeScatterMax: true, compute.OpTypeScatterMin: true,
}
