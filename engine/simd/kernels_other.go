//go:build !amd64

package simd

// kernelsFor returns the portable kernels: the Go compiler's code for arm64 is
// what NEON means here.
func kernelsFor(Path) *Kernels { return checkedPortable }
