package bench

import (
	"fmt"

	"atelier/data"
)

// mlpGANWork is the training of a GAN of dense layers, as in peers/mlpgan.py: an iteration is five
// updates of D, each on a fresh batch of real pictures and of fakes in one product, and one of G.
// Ours does a little more: D has leaky ReLUs, and the gradient norm is monitored.
func mlpGANWork() work {
	const (
		batch  = 64
		critic = 5
	)
	gan := trainee{"gan", []string{
		"latent=100", fmt.Sprintf("n_critic=%d", critic), "ema=0", `loss={use="nonsaturating"}`,
		`generator={use="mlp", widths=[256,512,1024], norm="none"}`,
		`discriminator={use="mlp", widths=[1024,512,256], norm="none"}`,
		"g_optimizer={rate=2e-4, beta1=0.5, beta2=0.999}", "d_optimizer={rate=2e-4, beta1=0.5, beta2=0.999}",
	}}
	pictures := noiseSet{field: data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{28, 28, 1}, Low: -1, High: 1}, size: 4096}
	g, d := weights(100, 256, 512, 1024, 784), weights(784, 1024, 512, 256, 1)
	// The backward pass has one product for the weights and one for the layer's input, except for
	// the first layer's.
	updateD := batch*g + 2*batch*(d+d+d-weights(784, 1024))
	updateG := batch*(g+d) + batch*d + batch*(g+g-weights(100, 256))
	return work{unit: "iterations/s", units: 1, flops: 2 * float64(critic*updateD+updateG), open: onBackend(training(gan, pictures, batch))}
}

// weights is the number of weights of a stack of dense layers with these widths.
func weights(widths ...int) (n int) {
	for i := range len(widths) - 1 {
		n += widths[i] * widths[i+1]
	}
	return n
}
