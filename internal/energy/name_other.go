//go:build !darwin

package energy

import "os"

// processorName is the name of the processor, empty if it is unknown, and whether the machine is
// known to be virtual.
func processorName() (name string, virtual bool) {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "", false
	}
	defer f.Close()
	return nameIn(f)
}
