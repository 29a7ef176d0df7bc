//go:build !amd64

package simd

// kernelsFor returns the portable kernels, which on arm64 are what the path NEON means here.
func kernelsFor(Path) *Kernels { return checkedPortable }
