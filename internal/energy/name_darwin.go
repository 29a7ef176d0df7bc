package energy

import "golang.org/x/sys/unix"

// processorName is the name of the processor, empty if it is unknown, and whether the machine is
// known to be virtual.
func processorName() (name string, virtual bool) {
	name, _ = unix.Sysctl("machdep.cpu.brand_string")
	return name, false
}
