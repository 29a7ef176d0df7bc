//go:build unix

package energy

import "syscall"

// processorSeconds is the processor time that this process has used, 0 if that is not known.
func processorSeconds() float64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}
