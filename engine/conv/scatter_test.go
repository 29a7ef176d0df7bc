package conv

import (
	"testing"

	"github.com/gomlx/compute"
	"pgregory.net/rapid"
)

// drawScatter draws a convolution to few channels, channels last.
func drawScatter(t *rapid.T) call {
	n := rapid.IntRange(1, spatials).Draw(t, "spatial axes")
	c := call{channelGroups: 1, batchGroups: 1, input: []int{rapid.IntRange(0, 3).Draw(t, "batch")}}
	c.axes = compute.ConvolveAxesConfig{InputChannels: n + 1, OutputChannels: n + 1, KernelInputChannels: n, KernelOutputChannels: n + 1}
	for i := range n {
		side, taps := rapid.IntRange(1, 8-2*n+2).Draw(t, "side"), rapid.IntRange(2, 5).Draw(t, "taps")
		from := rapid.IntRange(1, 3).Draw(t, "input dilation")
		before, after := rapid.IntRange(-1, 5).Draw(t, "before"), rapid.IntRange(-1, 5).Draw(t, "after")
		after += max(0, taps-1-(side-1)*from-before-after)
		c.input, c.kernel = append(c.input, side), append(c.kernel, taps)
		c.strides, c.kernelDilations = append(c.strides, 1), append(c.kernelDilations, 1)
		c.inputDilations, c.paddings = append(c.inputDilations, from), append(c.paddings, [2]int{before, after})
		c.axes.InputSpatial, c.axes.OutputSpatial = append(c.axes.InputSpatial, i+1), append(c.axes.OutputSpatial, i+1)
		c.axes.KernelSpatial = append(c.axes.KernelSpatial, i)
	}
	in, out := rapid.IntRange(leastChannels, 40).Draw(t, "in"), rapid.IntRange(1, thin).Draw(t, "out")
	c.input, c.kernel = append(c.input, in), append(c.kernel, in, out)
	return c
}

// TestScatter compares convolutions to few channels with the definition.
func TestScatter(t *testing.T) {
	engines, scattered := everyEngine(), 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawScatter(t)
		p := c.mustPlan(t)
		if p.scatter == nil {
			return
		}
		scattered++
		input, kernel := values(1, count(c.input)), values(2, count(c.kernel))
		want, sizes := c.define(input, kernel)
		view := drawView(t, c.kernel, kernel)
		for path, e := range engines {
			out := nan(len(want))
			p.Run(e, out, input, view, nil)
			near(t, string(path), out, want, sizes)
		}
	})
	if scattered == 0 {
		t.Error("nothing was scattered")
	}
}
