package bench

import (
	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/family"
	"atelier/model/loss"
	"atelier/model/train"
)

// mlpGANWork is the training of a GAN of dense layers, as peers/mlpgan.py has it: an
// iteration is five updates of D, each on a fresh batch of real pictures and of
// fakes in one product, and one of G. Ours does a little more: D's rectifiers leak, and
// the norm of the gradients is watched.
func mlpGANWork() work {
	const (
		batch  = 64
		critic = 5
	)
	optimizer := train.Adam{Rate: 2e-4, Beta1: 0.5, Beta2: 0.999, Epsilon: 1e-8}
	gan := &family.GAN{
		Latent: 100, Critic: critic, PenaltyEvery: 1, GOptimizer: optimizer, DOptimizer: optimizer,
		Generator:     registry.Choice[arch.GeneratorArch]{Value: &arch.MLPGenerator{Widths: []int{256, 512, 1024}, Norm: "none"}},
		Discriminator: registry.Choice[arch.DiscriminatorArch]{Value: &arch.MLPDiscriminator{Widths: []int{1024, 512, 256}, Norm: "none", Gain: 1}},
		Loss:          registry.Choice[loss.Adversarial]{Value: &loss.Nonsaturating{}},
	}
	pictures := noiseSet{field: data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{28, 28, 1}, Low: -1, High: 1}, size: 4096}
	g, d := weights(100, 256, 512, 1024, 784), weights(784, 1024, 512, 256, 1)
	// Backwards there is a product for the slopes of the weights and one for those of
	// the layer's input, but for the first layer's.
	updateD := batch*g + 2*batch*(d+d+d-weights(784, 1024))
	updateG := batch*(g+d) + batch*d + batch*(g+g-weights(100, 256))
	return work{unit: "iterations/s", units: 1, flops: 2 * float64(critic*updateD+updateG), open: training(gan, pictures, batch)}
}

// weights is how many a stack of dense layers of these widths has.
func weights(widths ...int) (n int) {
	for i := range len(widths) - 1 {
		n += widths[i] * widths[i+1]
	}
	return n
}
