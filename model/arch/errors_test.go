package arch

import (
	"testing"

	"atelier/data"
)

func TestWrongSettingsAndData(t *testing.T) {
	generator := func(a GeneratorArch, s data.Spec) error { _, err := a.Generator(s); return err }
	discriminator := func(a DiscriminatorArch, s data.Spec) error { _, err := a.Discriminator(s); return err }
	classifier := func(a ClassifierArch, s data.Spec) error { _, err := a.Classifier(s); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{generator(&MLPGenerator{Norm: "none"}, vectors(2)),
			"generator mlp: widths is empty; name the width of each hidden layer, such as [256, 256]"},
		{generator(&MLPGenerator{Widths: []int{8, 0}, Norm: "none"}, vectors(2)),
			"generator mlp: width 0 is not in 1..65536"},
		{generator(&MLPGenerator{Widths: []int{8}, Norm: "spectral"}, vectors(2)),
			`generator mlp: no norm "spectral"; there are none, batch`},
		{discriminator(&MLPDiscriminator{Widths: []int{8}, Norm: "batch"}, vectors(2)),
			`discriminator mlp: no norm "batch"; there are none, spectral`},
		{generator(&DCGANGenerator{Width: 8, Norm: "batch", Upsample: "bilinear"}, pictures(32, 3)),
			`generator dcgan: no upsample "bilinear"; there are nearest, transposed`},
		{generator(&DCGANGenerator{Width: 8, Norm: "batch", Upsample: "nearest"}, pictures(48, 3)),
			"generator dcgan: it is for pictures of 28, 32 or 64 pixels a side, not target 48×48×3 in [0, 4]; set the size of the data to one of them"},
		{discriminator(&DCGANDiscriminator{Width: 8, Norm: "none"}, vectors(2)),
			"discriminator dcgan: it is for square pictures, not target 2 in [-4, 4]"},
		{discriminator(&DCGANDiscriminator{Width: -1, Norm: "none"}, pictures(28, 1)),
			"discriminator dcgan: width -1 is not in 1..1024; usual is 32"},
		{discriminator(&DCGANDiscriminator{Width: 8, Hidden: []int{0}, Norm: "none"}, pictures(28, 1)),
			"discriminator dcgan: hidden: width 0 is not in 1..65536"},
		{generator(&ResNetGenerator{Width: 0, Limit: 8, Patch: 1, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: width 0 is not in 1..1024; usual is 16"},
		{generator(&ResNetGenerator{Width: 8, Limit: 4, Patch: 1, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: limit 4 is not in 8..4096, from the width on; usual is 128"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 4, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: patch 4: want 1 or 2"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 1, Depth: 0, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: depth 0 is not in 1..16; usual is 1"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "layer"}, pictures(32, 3)),
			`generator resnet: no norm "layer"; there are none, batch, conditional`},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, vectors(2)),
			"discriminator resnet: it is for pictures, not target 2 in [-4, 4]"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none", Hidden: []int{0}}, pictures(32, 3)),
			"discriminator resnet: hidden: width 0 is not in 1..65536"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, pictures(8, 3)),
			"discriminator resnet: it is for pictures of 16 to 256 pixels a side, not target 8×8×3 in [0, 4]; set the size of the data to some in between"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, pictures(30, 3)),
			"discriminator resnet: it halves pictures until a side is less than 8 pixels, and target 30×30×3 in [0, 4] does not halve evenly; set the size of the data to 28×28 or 32×32"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, oblongs(50, 33, 3)),
			"discriminator resnet: it halves pictures until a side is less than 8 pixels, and target 50×33×3 in [0, 4] does not halve evenly; set the size of the data to 48×32 or 56×40"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Mapping: 2, MappingRate: 0.1}, pictures(32, 3)),
			"generator style: code 0 is not in 1..4096; usual is 64"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Code: 8, MappingRate: 0.1}, pictures(32, 3)),
			"generator style: mapping 0 is not in 1..16; usual is 2"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Code: 8, Mapping: 2}, pictures(32, 3)),
			"generator style: mapping_rate 0 is not above 0 and at most 1; usual is 0.1"},
		{classifier(&ConvNet{Width: 16, Features: 128}, vectors(2)),
			"classifier convnet: it reads pictures, not target 2 in [-4, 4]"},
		{classifier(&ConvNet{Width: 16, Features: 128}, pictures(8, 1)),
			"classifier convnet: it reads pictures of at least 16×16 pixels, not target 8×8×1 in [0, 4]"},
		{classifier(&ConvNet{Width: 16, Features: 128}, pictures(28, 1).Only(data.Target)),
			"classifier convnet: it needs data with at least 2 classes"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("error %q\nwant  %q", c.err, c.want)
		}
	}
}
