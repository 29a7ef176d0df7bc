package engine

import (
	"github.com/gomlx/compute"

	"atelier/engine/cpu"
	"atelier/internal/badinput"
)

// A Cost is what one kind of operation took.
type Cost = cpu.Cost

// Profile begins to measure what operations cost on a backend, and returns what
// tells it: the costs so far, the most expensive first. Only the device cpu can.
func Profile(b compute.Backend) (costs func() []Cost, err error) {
	ours, ok := b.(*cpu.Backend)
	if !ok {
		return nil, badinput.Errorf("only the device %s tells what its operations cost; this is %s", CPU, b.Name())
	}
	ours.Profile()
	return ours.Costs, nil
}
