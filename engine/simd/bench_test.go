package simd

import (
	"fmt"
	"testing"
)

// The time of a kernel on a tile, for each path: ns/op is for 1024 elements.
func BenchmarkTile(b *testing.B) {
	const n = 1024
	x, y, z, dst := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], y[i], z[i] = float32(i%37)/5-3, float32(i%41)/6+0.1, float32(i%3)-1
	}
	for _, p := range Paths() {
		k := For(p)
		run := func(name string, call func()) {
			b.Run(fmt.Sprintf("%s/%s", name, p), func(b *testing.B) {
				for b.Loop() {
					call()
				}
			})
		}
		for _, c := range binaryCases {
			f := c.kernel(k)
			run(c.name, func() { f(dst, x, y) })
		}
		for _, c := range unaryCases {
			f := c.kernel(k)
			run(c.name, func() { f(dst, y) })
		}
		run("Select", func() { k.Select(dst, z, x, y) })
		run("MulAdd", func() { k.MulAdd(dst, z, x, y) })
		run("MulAddScalar", func() { k.MulAddScalar(dst, z, 2, 3) })
		run("Sum", func() { k.Sum(x) })
		run("Dot", func() { k.Dot(x, y) })
		run("ReduceMax", func() { k.ReduceMax(x) })
		run("Transpose", func() { k.Transpose(dst, 32, x, 32, 32, 32) })
		halves, bools, ints := make([]uint16, n), make([]bool, n), make([]int32, n)
		run("FromFloat16", func() { k.FromFloat16(dst, halves) })
		run("ToFloat16", func() { k.ToFloat16(halves, x) })
		run("ToBfloat16", func() { k.ToBfloat16(halves, x) })
		run("FromBool", func() { k.FromBool(dst, bools) })
		run("ToBool", func() { k.ToBool(bools, x) })
		run("ToInt32", func() { k.ToInt32(ints, x) })
	}
}

// The time of a call with few elements.
func BenchmarkCall(b *testing.B) {
	for _, n := range []int{1, 16, 128} {
		x := make([]float32, n)
		for _, p := range Paths() {
			k := For(p)
			b.Run(fmt.Sprintf("%d/%s", n, p), func(b *testing.B) {
				for b.Loop() {
					k.Add(x, x, x)
				}
			})
		}
	}
}

// A matrix that no cache of the first level holds.
func BenchmarkTranspose(b *testing.B) {
	const n = 1024
	src, dst := make([]float32, n*n), make([]float32, n*n)
	for _, p := range Paths() {
		k := For(p)
		b.Run(string(p), func(b *testing.B) {
			b.SetBytes(8 * n * n)
			for b.Loop() {
				k.Transpose(dst, n, src, n, n, n)
			}
		})
	}
}
