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
			"generator mlp: want a width of 1 to 65536, got 0"},
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
			"discriminator dcgan: want a width of 1 to 1024, got -1; 32 is usual"},
		{discriminator(&DCGANDiscriminator{Width: 8, Hidden: []int{0}, Norm: "none"}, pictures(28, 1)),
			"discriminator dcgan: hidden: want a width of 1 to 65536, got 0"},
		{generator(&ResNetGenerator{Width: 0, Limit: 8, Patch: 1, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: want a width of 1 to 1024, got 0; 16 is usual"},
		{generator(&ResNetGenerator{Width: 8, Limit: 4, Patch: 1, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: limit 4 is not between the width 8 and 4096; 128 is usual"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 4, Depth: 1, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: patch 4: want 1 or 2"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 1, Depth: 0, Norm: "batch"}, pictures(32, 3)),
			"generator resnet: want a depth of 1 to 16, got 0; 1 is usual"},
		{generator(&ResNetGenerator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "layer"}, pictures(32, 3)),
			`generator resnet: no norm "layer"; there are none, batch, conditional`},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, vectors(2)),
			"discriminator resnet: it is for pictures, not target 2 in [-4, 4]"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none", Hidden: []int{0}}, pictures(32, 3)),
			"discriminator resnet: hidden: want a width of 1 to 65536, got 0"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, pictures(8, 3)),
			"discriminator resnet: it is for pictures of 16 to 256 pixels a side, not target 8×8×3 in [0, 4]; set the size of the data to one in this range"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, pictures(30, 3)),
			"discriminator resnet: pictures are halved until a side is below 8 pixels, but target 30×30×3 in [0, 4] does not halve evenly; set the size of the data to 28×28 or 32×32"},
		{discriminator(&ResNetDiscriminator{Width: 8, Limit: 8, Patch: 1, Depth: 1, Norm: "none"}, oblongs(50, 33, 3)),
			"discriminator resnet: pictures are halved until a side is below 8 pixels, but target 50×33×3 in [0, 4] does not halve evenly; set the size of the data to 48×32 or 56×40"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Mapping: 2, MappingRate: 0.1}, pictures(32, 3)),
			"generator style: want a code width of 1 to 4096, got 0; 64 is usual"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Code: 8, MappingRate: 0.1}, pictures(32, 3)),
			"generator style: want 1 to 16 mapping layers, got 0; 2 are usual"},
		{generator(&StyleGenerator{Width: 8, Limit: 8, Patch: 1, Code: 8, Mapping: 2}, pictures(32, 3)),
			"generator style: want a mapping_rate above 0 and at most 1, got 0; 0.1 is usual"},
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
