package bench

import (
	"fmt"
	"maps"
	"slices"
)

// Names of the works that the suite engine treats specially; products are named by their sizes.
const (
	mlpGAN   = "mlp-gan"
	dcganNet = "dcgan"
	gptNet   = "gpt"
	gptDraws = "gpt-sampling"    // of one text after the other
	gptMany  = "gpt-sampling-16" // of sixteen at once
)

// productSizes are the m, k and n of the timed products.
var productSizes = [][3]int{{64, 1024, 512}, {128, 784, 1024}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}}

// works are the timed works, by name.
func works() map[string]work {
	all := map[string]work{mlpGAN: mlpGANWork(), dcganNet: dcganWork(), gptNet: gptTraining(), gptDraws: gptSampling(1), gptMany: gptSampling(16)}
	for _, s := range productSizes {
		all[productName(s)] = productWork(s)
	}
	return all
}

func workNames() []string { return slices.Sorted(maps.Keys(works())) }

func productName(size [3]int) string {
	return fmt.Sprintf("product-%dx%dx%d", size[0], size[1], size[2])
}
