package memory

import "golang.org/x/sys/unix"

// system is the memory of the machine. What of it is free is not told: the system
// compresses and swaps what others have.
func system() (total, free float64) {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0
	}
	return float64(n), float64(n)
}
