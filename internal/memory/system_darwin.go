package memory

import "golang.org/x/sys/unix"

// system is the memory of the machine. The free part is unknown: the system compresses and swaps
// memory of other processes.
func system() (total, free float64) {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0
	}
	return float64(n), float64(n)
}
