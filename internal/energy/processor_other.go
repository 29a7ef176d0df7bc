//go:build !unix

package energy

import "runtime/metrics"

// processorSeconds is the processor time that this process has used, as the Go runtime estimates
// it: too much where others use the machine.
func processorSeconds() float64 {
	s := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64()
}
