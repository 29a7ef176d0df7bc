package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/loss"
	"atelier/model/nn"
	"atelier/model/train"
)

// Sizes of the DCGAN of peers/dcgan.py.
const (
	dcganBatch  = 32
	dcganSide   = 64
	dcganWidth  = 64
	dcganLatent = 100
)

var dcganField = data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{dcganSide, dcganSide, 3}, Low: -1, High: 1}

// dcganWork is the training of a DCGAN, as in peers/dcgan.py: a step is an update of D on real
// pictures and fakes, each normalised separately, and one of G on the same fakes. Ours does a
// little more: convolutions have biases.
func dcganWork() work {
	// Multiplications per picture: a convolution of kernel 4 has 16 for each pair of channels and
	// each pixel of its smaller side.
	g, d := dcganLatent*16*512, 16*512
	first := 32 * 32 * 16 * 3 * 64
	for side, channels := 4, 512; side < 32; side, channels = 2*side, channels/2 {
		both := side * side * 16 * channels * channels / 2
		g, d = g+both, d+both
	}
	g, d = g+first, d+first
	forward, backward := g+3*d, 2*2*d-2*first+d+2*g-dcganLatent*16*512
	return work{unit: "steps/s", units: 1, flops: 2 * dcganBatch * float64(forward+backward), open: onBackend(openDCGAN)}
}

func openDCGAN(b compute.Backend) (func() error, error) {
	loader, _, err := noiseSet{field: dcganField, size: 256}.loader(dcganBatch)
	if err != nil {
		return nil, err
	}
	exec, err := dcganStep(b)
	if err != nil {
		return nil, err
	}
	step := uint64(0)
	return func() error {
		batch, err := loader.Next(context.Background())
		if err != nil {
			return err
		}
		z := make([]float32, dcganBatch*dcganLatent)
		noise.Normals(z, 0, step)
		step++
		losses, err := exec.Call1(train.Tensor(batch.Column(data.Target), dcganBatch), tensors.FromFlatDataAndDimensions(z, dcganBatch, dcganLatent))
		if err != nil {
			return err
		}
		_, err = tensors.CopyFlatData[float32](losses) // in practice they are monitored
		return err
	}, nil
}

// dcganStep is the graph of a step. It takes real pictures and latents and returns the losses of D
// and of G.
func dcganStep(b compute.Backend) (*model.Exec, error) {
	network, err := registry.Make[arch.GeneratorArch]("dcgan", fmt.Sprintf("width=%d", dcganWidth), `upsample="transposed"`, `norm="batch"`)
	if err != nil {
		return nil, err
	}
	draw, err := network.Value.Generator(data.Spec{Fields: []data.Field{dcganField}})
	if err != nil {
		return nil, err
	}
	adam := train.NewAdam(2e-4, 0.5, 0.999).Value
	moving := func(scope string) train.Descent {
		return train.Descent{Optimizer: adam, Name: scope, Moves: []string{scope}}
	}
	game, store := registry.Choose[loss.Adversarial]("nonsaturating").Value, model.NewStore()
	nn.Seed(store, 1)
	return model.NewExec(b, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		real, z := in[0], in[1]
		g := real.Graph()
		store.SetTraining(g, true)
		judge := func(x *graph.Node) *graph.Node { return dcganJudge(store.Scope("discriminator"), x) }
		rate := graph.ScalarOne(g, real.DType())
		fakes := drawn(store.Scope("generator"), draw, z) // [batch, side, side, 3]
		lossD := game.D(judge(real), judge(graph.StopGradient(fakes)))
		moving("discriminator").Down(store, lossD, rate)
		lossG := game.G(nil, judge(fakes))
		moving("generator").Down(store, lossG, rate)
		return graph.Stack([]*graph.Node{lossD, lossG}, 0)
	})
}

// drawn are the samples of latents z [batch, latent].
func drawn(s *model.Scope, g arch.Generator, z *graph.Node) *graph.Node {
	return g.Samples(s, g.Codes(s, z, nil), nil)
}

// dcganJudge is a DCGAN discriminator with batch norm, which the project's own lacks: logits
// [batch, 1] of pictures x [batch, side, side, 3].
func dcganJudge(s *model.Scope, x *graph.Node) *graph.Node {
	k := nn.Kernel{Size: 4, Stride: 2, Padding: 1}
	for i, channels := 0, dcganWidth; channels <= 8*dcganWidth; i, channels = i+1, 2*channels {
		layer := s.In("conv_%d", i)
		x = nn.Conv(layer, x, channels, k, nn.He(16*x.Shape().Dimensions[3]))
		if i > 0 {
			x = nn.BatchNorm(layer, x)
		}
		x = nn.LeakyRelu(x, 0.2) // [batch, side/2, side/2, channels]
	}
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1]*d[2]*d[3])
	return nn.Dense(s.In("out"), x, 1, nn.Glorot(x.Shape().Dimensions[1], 1))
}

// compileDCGAN builds and compiles the graph of a step and returns the seconds taken.
func compileDCGAN(b compute.Backend) (float64, error) {
	exec, err := dcganStep(b)
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	begin := time.Now()
	_, err = exec.Compile(shapes.Make(dtypes.Float32, dcganBatch, dcganSide, dcganSide, 3), shapes.Make(dtypes.Float32, dcganBatch, dcganLatent))
	return time.Since(begin).Seconds(), err
}
