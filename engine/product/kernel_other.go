//go:build !amd64

package product

import "atelier/engine/simd"

var kernels = map[simd.Path]*kernel{simd.Portable: portable, simd.NEON: portable}
