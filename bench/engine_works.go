package bench

import (
	"fmt"
	"maps"
	"slices"
)

// Names of the works that the suite engine treats each in its own way; products
// are called by their sizes.
const (
	mlpGAN   = "mlp-gan"
	dcganNet = "dcgan"
	gptNet   = "gpt"
	gptDraws = "gpt-sampling"
)

// productSizes are the m, k and n of the products that are timed.
var productSizes = [][3]int{{64, 1024, 512}, {128, 784, 1024}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}}

// works are the things that are timed, by name.
func works() map[string]work {
	all := map[string]work{mlpGAN: mlpGANWork(), dcganNet: dcganWork(), gptNet: gptTraining(), gptDraws: gptSampling()}
	for _, s := range productSizes {
		all[productName(s)] = productWork(s)
	}
	return all
}

func workNames() []string { return slices.Sorted(maps.Keys(works())) }

func productName(size [3]int) string {
	return fmt.Sprintf("product-%dx%dx%d", size[0], size[1], size[2])
}
