//go:build !amd64

package match

import "atelier/engine/simd"

// kernelsFor returns the portable kernels.
func kernelsFor(simd.Path) kernels { return portable }
