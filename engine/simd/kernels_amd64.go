package simd

func kernelsFor(Path) *Kernels { return checkedPortable }
