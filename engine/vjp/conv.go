package vjp

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// An Axis gives the stride, dilation and padding along one spatial axis.
type Axis struct {
	Stride        int // at least 1
	Dilation      int // at least 1
	Before, After int // padding with zeros
}

// A Geometry has an [Axis] for each spatial axis.
type Geometry []Axis

// Conv is the cross-correlation of an image [batch, spatial..., in] with a kernel [spatial..., in,
// out]. The result is [batch, spatial'..., out], where
//
//	side' = (side + before + after - (size-1)·dilation - 1) / stride + 1.
//
// It is a single ConvGeneral, and so is each of its gradients, of every order (Dumoulin and Visin
// 2016, arXiv:1603.07285). Mismatched shapes panic, as in gomlx's operations.
func Conv(image, kernel *graph.Node, g Geometry) *graph.Node {
	n := image.Rank() - 2
	check(image, kernel, g)
	c := convolution{geometry: g, taps: layout{n, n + 1, axes(0, n)}}
	for i, a := range g {
		side, size := image.Shape().Dimensions[i+1], kernel.Shape().Dimensions[i]
		room := side + a.Before + a.After - extent(size, a.Dilation)
		if room < 0 {
			exceptions.Panicf("a kernel %s of geometry %+v does not fit on an image %s", kernel.Shape(), g, image.Shape())
		}
		c.image, c.kernel, c.result = append(c.image, side), append(c.kernel, size), append(c.result, room/a.Stride+1)
	}
	return c.resultOf(image, kernel)
}

// ConvTransposed is the transposed convolution of x [batch, spatial..., in] with a kernel
// [spatial..., in, out]: each pixel of x adds the kernel, times its value, to the result [batch,
// spatial'..., out], stride pixels apart; before and after pixels are then cropped. So
//
//	side' = (side-1)·stride + (size-1)·dilation + 1 - before - after.
//
// It is the gradient of [Conv] of that geometry with respect to the image.
func ConvTransposed(x, kernel *graph.Node, g Geometry) *graph.Node {
	n := x.Rank() - 2
	check(x, kernel, g)
	c := convolution{geometry: g, taps: layout{n + 1, n, axes(0, n)}}
	for i, a := range g {
		side, size := x.Shape().Dimensions[i+1], kernel.Shape().Dimensions[i]
		whole := extent(side, a.Stride) + extent(size, a.Dilation) - 1 - a.Before - a.After
		if whole < 1 {
			exceptions.Panicf("of a transposed convolution of %s and a kernel %s, geometry %+v cuts everything off", x.Shape(), kernel.Shape(), g)
		}
		c.image, c.kernel, c.result = append(c.image, whole), append(c.kernel, size), append(c.result, side)
	}
	return c.imageOf(x, kernel)
}

// check validates what both kinds of convolution require.
func check(x, kernel *graph.Node, g Geometry) {
	if n := x.Rank() - 2; n < 1 || kernel.Rank() != n+2 || len(g) != n {
		exceptions.Panicf("a convolution of %s, a kernel %s and a geometry of %d axes: their ranks do not fit", x.Shape(), kernel.Shape(), len(g))
	}
	if a, b := x.Shape().Dimensions[x.Rank()-1], kernel.Shape().Dimensions[kernel.Rank()-2]; a != b {
		exceptions.Panicf("a convolution of %s with a kernel %s for %d channels", x.Shape(), kernel.Shape(), b)
	}
	for _, a := range g {
		if a.Stride < 1 || a.Dilation < 1 {
			exceptions.Panicf("a convolution of geometry %+v; stride and dilation are 1 or more", g)
		}
	}
}

// extent is the extent of n points that are step apart.
func extent(n, step int) int { return (n-1)*step + 1 }
