//go:build !amd64

package conv

import "atelier/engine/simd"

var packers map[simd.Path]*packer

func (*packer) gatherVectors(int, *float32, int, *float32, *int, int) { panic("conv: no kernels") }
