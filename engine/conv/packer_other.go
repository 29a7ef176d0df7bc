//go:build !amd64

package conv

import "atelier/engine/simd"

var packers map[simd.Path]*packer
