//go:build !amd64 && !arm64

package product

import "atelier/engine/simd"

// kernels are those supported by this processor.
var kernels = map[simd.Path]*kernel{simd.Portable: portable}
