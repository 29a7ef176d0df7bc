//go:build !amd64 && !arm64

package dots

import "atelier/engine/simd"

// kernelsFor returns the portable kernels.
func kernelsFor(simd.Path) *kernels { k := portable; return &k }
