// Package engine opens the arithmetic that networks run on. The rest of the
// program knows it as a compute.Backend alone.
package engine

import (
	"runtime"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// CPU is the device that every machine has.
const CPU = "cpu"

// Path names the way that the device's arithmetic takes on this machine.
// Runs record it: the same path gives the same numbers.
func Path(device string) string { return device + "/go-" + runtime.GOARCH }

// Open returns the backend of a device.
func Open(device string) (compute.Backend, error) {
	if device != CPU {
		return nil, badinput.Errorf("no device %q; %s", device, registry.Suggest(device, []string{CPU}))
	}
	return gobackend.New("")
}
